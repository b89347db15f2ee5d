"""Run all benchmarks: `python -m benchmarks`. Those that compare with other managers are in `benchmarks.peers`."""

from benchmarks import browsing, datasets, emulators, manager, physics, registry, regolith, rough, scaling, spectra


def main() -> None:
    """Print every benchmark."""
    for each in (physics, regolith, rough, spectra, manager, registry, scaling, datasets, emulators, browsing):
        each.run()
        print()


main()
