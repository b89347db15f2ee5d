"""The card of a dataset: what a person wants to know before using it, with a head that Hugging Face reads."""

from collections.abc import Iterable, Iterator, Sequence

from tmx.datasets.about import About
from tmx.datasets.leakage import NEAR

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

MEANINGS = {
    "train": "for training; statistics are of this part alone",
    "val": "for choosing between models",
    "test": "for one last look",
    "test_ood": "held out as a region of parameter space, to see how a model extrapolates",
}


def card(about: About) -> str:
    """Return the text of the card."""
    sections = (_head, _title, _parts, _inputs, _outputs, _quality, _building, _loading, _files)
    return "\n".join(line for section in sections for line in (*section(about), "")).rstrip() + "\n"


def _head(about: About) -> Iterator[str]:
    size = next((word for most, word in SIZES if about.samples < most), "n>1M")
    yield from ("---", f"pretty_name: {about.name}", f"license: {about.query.license}", "task_categories:")
    yield from (
        "- tabular-regression",
        "tags:",
        "- physics",
        "- planetary-science",
        "size_categories:",
        f"- {size}",
        "---",
    )


def _title(about: About) -> Iterator[str]:
    base = about.plan.source.base
    radiation = "radiative transfer in the regolith" if base.use_RTE else "an opaque surface"
    rough = ", and a rough surface beside the flat one" if base.crater else ""
    yield f"# {about.name}"
    yield ""
    yield (
        f"{about.samples} simulations of the ground of {base.planetary_body or 'a planetary surface'}: heat conduction"
        f" with {radiation}{rough}, computed by tmx. Inputs are parameters of the model, outputs what was computed from"
        f" them. Version {about.version}."
    )


def _parts(about: About) -> Iterator[str]:
    policy = about.query.policy
    how = {
        "random": "Each sample is put into a part by a hash of its parameters",
        "extrapolation": "Each sample is put into a part by a hash of its parameters",
        "grouped": f"Samples with the same {', '.join(policy.by)} are in the same part, by a hash of these",
        "stratified": f"The fractions hold within each stratum of {', '.join(policy.by)}",
    }[policy.kind]
    yield "## Parts"
    yield ""
    yield f"{how} (seed {policy.seed}). More samples in the sweep move none of these to another part."
    if policy.hold_out:
        yield f"Held out: {'; '.join(f'`{text}`' for text in policy.hold_out)}."
    for part, sweep in about.query.other_sweeps.items():
        yield f"The part `{part}` is the sweep `{sweep}`, which has a design of its own."
    yield ""
    rows = [(f"`{part}`", size, MEANINGS[part]) for part, size in about.plan.sizes.items()]
    yield from _table(("part", "samples", "what for"), rows)
    yield ""
    yield f"Inputs in common, where nearly identical means closer than {NEAR:g} of the range in every input:"
    yield ""
    leaks = [(f"`{x.part}`, `{x.other}`", x.identical, x.near, f"{x.distance:.2g}") for x in about.leaks]
    yield from _table(("parts", "identical", "nearly", "median distance to the nearest, over the range"), leaks)


def _inputs(about: About) -> Iterator[str]:
    inputs = about.description.inputs
    found = about.statistics()["inputs"]
    yield "## Inputs"
    yield ""
    rows = [
        (f"`{name}`", found[name]["unit"], f"{found[name]['min']:.6g}", f"{found[name]['max']:.6g}", meaning)
        for name, meaning in zip(inputs.names, inputs.meanings, strict=True)
    ]
    yield from _table(("input", "unit", "from", "to", ""), rows)
    for name, values in inputs.categories.items():
        yield ""
        yield f"`{name}` is a code: {', '.join(f'{code} is `{value}`' for code, value in enumerate(values))}."


def _outputs(about: About) -> Iterator[str]:
    found = about.statistics()["outputs"]
    yield "## Outputs"
    yield ""
    rows = []
    for name, kind in about.description.kinds.items():
        ends = (f"{found[name]['min']:.6g}", f"{found[name]['max']:.6g}") if name in found else ("", "")
        axes = " × ".join(f"{dim} {size}" for dim, size in zip(kind.dims, about.shape_of(name), strict=True))
        rows.append((f"`{name}`", kind.unit, axes, *ends, kind.meaning))
    yield from _table(("output", "unit", "axes", "from", "to", ""), rows)
    yield ""
    yield "Ranges are of the training part."
    if about.resampled:
        axes = ", ".join(about.resampled)
        yield ""
        yield (
            f"The samples were computed on {axes} axes of their own. They are linearly interpolated to the coarsest of"
            " these, cut to the range that all samples have."
        )


def _quality(about: About) -> Iterator[str]:
    filters = about.query.filters
    yield "## Errors"
    yield ""
    yield (
        f"Every simulation estimates its own numerical error: the median is {about.errors['median']:.2g} K, the largest"
        f" {about.errors['max']:.2g} K. It says nothing of how good the model is of any real surface."
    )
    yield ""
    bounds = [f"an energy residual above {filters.max_energy_residual:g}"]
    if filters.max_error is not None:
        bounds.insert(0, f"an estimated error above {filters.max_error:g} K")
    yield f"Runs that do not meet their own accuracy, or have {' or '.join(bounds)}, are left out."
    if about.plan.excluded:
        yield ""
        yield from _table(("left out because", "samples"), about.plan.excluded.items())


def _building(about: About) -> Iterator[str]:
    definition = about.plan.source.definition
    seed = "" if definition["seed"] is None else f", seed {definition['seed']}"
    yield "## How it was made"
    yield ""
    yield f"Design of the sweep: {definition['design']}{seed}; submitted on {about.date}. Built by"
    yield ""
    yield from ("```sh", about.command, "```", "")
    yield f"Fingerprint of the content: `{about.fingerprint}`."


def _loading(about: About) -> Iterator[str]:
    output = next(iter(about.description.kinds))
    file = about.target.main_file.name
    yield "## How to load it"
    yield ""
    yield "```python"
    yield "import tmx"
    yield ""
    yield f'dataset = tmx.datasets.open("{file}")'
    yield f'for inputs, outputs in dataset.batches("train", 64, seed=0, normalise=True, outputs=["{output}"]):'
    yield "    ..."
    yield "```"
    yield ""
    yield "Without tmx, as netCDF:"
    yield ""
    yield "```python"
    yield "import xarray"
    yield ""
    yield f'outputs = xarray.open_dataset("{file}", group="train/outputs")'
    yield f'inputs = xarray.open_dataset("{file}", group="train").inputs'
    yield "```"


def _files(about: About) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield from _table(("file", "bytes", "SHA-256"), [(f"`{x.name}`", x.bytes, f"`{x.sha256}`") for x in about.files])
    if len(about.files) > 1:
        yield ""
        yield "The first one shows the others as a whole; each of these may be used alone."
    yield ""
    yield f"Licence: {about.query.license}."


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"
