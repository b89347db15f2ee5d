"""Disks that are soon full."""

import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(place, size):
    """Mount a disk of a size in bytes; skip where that is not allowed."""
    place.mkdir()
    answer = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
    if answer.returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def enlarge(place, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)
