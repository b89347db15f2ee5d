"""Run all benchmarks: `python -m benchmarks`. Those that compare with other managers are in `benchmarks.peers`."""

from benchmarks import datasets, manager, physics, registry, regolith, rough, scaling, spectra


def main() -> None:
    """Print every benchmark."""
    for each in (physics, regolith, rough, spectra, manager, registry, scaling, datasets):
        each.run()
        print()


main()
