"""Run all benchmarks: `python -m benchmarks`."""

from benchmarks import manager, physics, regolith, rough, spectra


def main() -> None:
    """Print every benchmark."""
    physics.run()
    print()
    regolith.run()
    print()
    rough.run()
    print()
    spectra.run()
    print()
    manager.run()


main()
