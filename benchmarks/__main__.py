"""Run all benchmarks: `python -m benchmarks`."""

from benchmarks import manager, physics, regolith, spectra


def main() -> None:
    """Print every benchmark."""
    physics.run()
    print()
    regolith.run()
    print()
    spectra.run()
    print()
    manager.run()


main()
