"""Run all benchmarks: `python -m benchmarks`."""

from benchmarks import manager, physics


def main() -> None:
    """Print every benchmark."""
    physics.run()
    print()
    manager.run()


main()
