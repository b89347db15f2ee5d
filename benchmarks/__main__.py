"""Run all benchmarks: `python -m benchmarks`."""

from benchmarks import manager, physics, regolith


def main() -> None:
    """Print every benchmark."""
    physics.run()
    print()
    regolith.run()
    print()
    manager.run()


main()
