"""What a shell is told when somebody presses the key that completes a word."""

import os
import shutil
import subprocess
import sys

import pytest
from commands import TMX, write_sweep

BASH = """
eval "$(tmx completion bash)"
COMP_LINE=$1 COMP_POINT=${#1}
_tmx_completion tmx 2>/dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def completed(tmx, monkeypatch):
    """Return a function that gives what completes a line in bash."""

    def complete(line):
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("_TMX_COMPLETE", "bash_complete")
        answer = tmx()
        assert (answer.code, answer.err) == (0, "")
        monkeypatch.delenv("_TMX_COMPLETE")
        return [item.partition(",")[2] for item in answer.out.splitlines() if item]

    return complete


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tmx sta", ["status"]),
        ("tmx sweep ", ["preview", "refine"]),
        ("tmx batch --backend t", ["threading"]),
        ("tmx single -p bottom_b", ["bottom_bc="]),
        ("tmx single -p k_dust=1 bottom_b", ["bottom_bc="]),
        ("tmx single -p k_dust=1 bottom_bc=", ["neumann", "dirichlet", "geothermal"]),
        ("tmx single -p k_dust=1 bottom_bc=ge", ["geothermal"]),
        ("tmx config check base.yaml -p diurnal=t", ["true"]),
        ("tmx single -p nonsense=", []),
        ("tmx config schema emissivity_f", ["emissivity_file"]),
        ("tmx create-config --planetary-body mo", ["Moon"]),
        ("tmx completion z", ["zsh"]),
        ("tmx status ", []),
    ],
)
def test_words_are_completed(completed, line, words):
    assert completed(line) == words


def test_names_of_sweeps_are_completed(tmx, completed, directory, empty_url):
    write_sweep(directory / "sweep.yaml", 1, 1)
    for name in ("moon", "mars", "bennu"):
        files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", name)
        assert tmx("submit", *files, "--db", empty_url).code == 0
    for command in (
        f"status --db {empty_url}",
        f"work --db {empty_url} bennu",
        f"dataset build --db {empty_url} --sweep",
    ):
        assert completed(f"tmx {command} m") == ["mars", "moon"]
    assert completed(f"tmx show sample --db {empty_url} mo") == ["moon/"]


def test_nothing_slow_is_imported(directory):
    write = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    code = f"{write}; from tmx.cli.main import main; sys.argv = ['tmx']; main()"
    for line in ("tmx ", "tmx status ", "tmx single -p k_"):
        environment = {**os.environ, "_TMX_COMPLETE": "bash_complete", "COMP_WORDS": line}
        answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert answer.returncode == 0
        assert not {"numba", "h5py", "pandas", "scipy", "sqlalchemy", "matplotlib"} & set(answer.stderr.split())


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_is_given_words(directory):
    environment = {**os.environ, "PATH": f"{TMX.parent}:{os.environ['PATH']}"}
    for line, words in (("tmx pri", "priority"), ("tmx single -p k_dust=0.1 bottom_bc=d", "dirichlet")):
        answer = subprocess.run(["bash", "-c", BASH, "bash", line], env=environment, capture_output=True, text=True)
        assert answer.stdout.split() == [words], answer.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_understands_its_script(tmx, shell):
    answer = tmx("completion", shell)
    assert answer.code == 0
    assert "_TMX_COMPLETE=" in answer.out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=answer.out, text=True).returncode == 0


def test_another_shell_is_refused(tmx):
    answer = tmx("completion", "tcsh")
    assert answer.code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in answer.err
