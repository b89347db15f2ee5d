"""What a worker runs on: versions, the state of the sources, the machine; and which process it is."""

import hashlib
import os
import platform
import secrets
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import tmx
from tmx.registry.workers import Process

PACKAGES = ("h5py", "joblib", "llvmlite", "numba", "numpy", "pydantic", "scipy", "sqlalchemy")


@cache
def describe_environment() -> dict[str, Any]:
    """Return the versions, the state of the sources and the platform; the same for all workers of an installation."""
    return {
        "tmx": tmx.__version__,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "machine": platform.machine(),
        "git": _git_state(Path(tmx.__file__).parent.parent),
    }


def describe_process(backend: str, crew: str) -> Process:
    """Return this process under a name that no other ever has, beginning with that of its crew."""
    pid = os.getpid()
    name = f"{crew}/{machine_id()}/{pid}-{_birth(pid)}-{secrets.token_hex(4)}"
    return Process(name, machine_id(), pid, backend)


@cache
def machine_id() -> str:
    """Return the host's name with a mark of its boot and its space of process ids.

    Process ids mean something only within them: two containers may share a host's name.
    """
    marks = [_read("/proc/sys/kernel/random/boot_id"), _link("/proc/self/ns/pid")]
    digest = hashlib.sha256("".join(marks).encode()).hexdigest()[:8]
    return f"{platform.node()}-{digest}"


def is_alive(pid: int, name: str = "") -> bool:
    """Tell whether a process of this machine exists; given its worker's name, not another that got its id since."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    born = name.rpartition("/")[2].split("-")[1:2]
    return not _is_zombie(pid) and (born in ([], [""]) or born == [_birth(pid)])


def _is_zombie(pid: int) -> bool:
    return _stat(pid)[:1] == ["Z"]


def _birth(pid: int) -> str:
    """Return when a process was started, in ticks since the machine was; empty where Linux does not tell."""
    return "".join(_stat(pid)[19:20])


def _stat(pid: int) -> list[str]:
    """Return what Linux says of a process, from its state on."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _git_state(directory: Path) -> dict[str, Any] | None:
    """Return the commit of a checkout and whether it was changed since; None for an installed package."""
    if not (directory / ".git").exists():
        return None
    command = ["git", "-C", str(directory), "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    lines = answer.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), None)
    return {"commit": commit, "changed": any(not line.startswith("#") for line in lines)}


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
