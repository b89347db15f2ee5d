"""The whole examination, thing by thing; whatever is broken, the rest is examined."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from tmx.doctor.findings import Finding, wrong
from tmx.errors import ConfigError, TmxError
from tmx.storage.paths import store_root

LOG = logging.getLogger(__name__)

INSTALL_AGAIN = "make a new environment: `make clean setup` in a checkout, or `pip install tmx`"


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one thing."""

    title: str
    findings: tuple[Finding, ...]


def examine(where: str) -> Iterator[Section]:
    """Examine everything that tmx needs to work.

    Parameters
    ----------
    where : str
        The registry, as in `--db`; there need not be one.
    """
    for title, examination in (
        ("installation", _installation),
        ("compiled code", _kernels),
        ("registry", lambda: _registry(where)),
        ("store", lambda: _store(where)),
        ("machine", _machine),
    ):
        yield Section(title, tuple(_guarded(title, examination)))


def _guarded(title: str, examination: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Make whatever goes wrong in an examination a finding: packages may be missing, and disks may fail."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # packages that warn of what is found here anyway
            yield from examination()
    except ModuleNotFoundError as error:
        yield wrong(title, f"the package {error.name} is missing", INSTALL_AGAIN)
    except ImportError as error:
        yield wrong(title, f"a package cannot be imported: {_line(error)}", INSTALL_AGAIN)
    except TmxError as error:
        yield wrong(title, str(error), "see docs/troubleshooting.md")
    except Exception as error:
        LOG.debug("where the error comes from", exc_info=error)
        found = f"cannot be examined: {type(error).__name__}: {_line(error)}"
        yield wrong(title, found, "`tmx doctor --debug` says where")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _installation() -> Iterator[Finding]:
    from tmx.doctor.installation import examine_installation

    return examine_installation()


def _kernels() -> Iterator[Finding]:
    from tmx.doctor.kernels import examine_kernels

    return examine_kernels()


def _registry(where: str) -> Iterator[Finding]:
    from tmx.doctor.registry import examine_registry
    from tmx.registry.address import Address

    return examine_registry(Address.parse(where))


def _store(where: str) -> Iterator[Finding]:
    from tmx.doctor.store import examine_store
    from tmx.registry.address import Address

    address = None
    with suppress(ConfigError):  # the examination of the registry says it
        address = Address.parse(where)
    return examine_store(store_root(address.path if address else None), address)


def _machine() -> Iterator[Finding]:
    from tmx.doctor.machine import examine_machine

    return examine_machine()
