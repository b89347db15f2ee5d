"""How datasets, emulators and exports lie on the disk, said once for people; tests compare it with real files."""

from dataclasses import dataclass

REAL, SINGLE, WHOLE, TEXT, TRUTH = "float64", "float32", "int64", "text", "bool"


@dataclass(frozen=True)
class Stored:
    """A dataset of an HDF5 file.

    Attributes
    ----------
    path : str
        Its place; names in braces stand for any part, output or axis.
    dtype : str
        Its type; several where it depends.
    dims : str
        Its axes; `…` stands for those of an output.
    meaning : str
        What it holds.
    """

    path: str
    dtype: str
    dims: str
    meaning: str


PART = (
    Stored("{part}/inputs", REAL, "sample, parameter", "the inputs; codes of words"),
    Stored("{part}/sample_index", WHOLE, "sample", "index of the sample in its sweep"),
    Stored("{part}/outputs/{output}", f"{SINGLE} or {REAL}", "sample, …", "an output"),
    Stored("{part}/outputs/{axis}", f"{REAL} or {TEXT}", "{axis}", "an axis that outputs of this part stand on"),
    Stored("{part}/parameter", TEXT, "parameter", "names of the columns of the inputs"),
    Stored("{part}/sample", SINGLE, "sample", "the dimension of samples, without values of its own"),
)

DATASET = (
    *PART,
    Stored("normalisation/inputs/mean", REAL, "parameter", "mean over the training part"),
    Stored("normalisation/inputs/std", REAL, "parameter", "standard deviation over the training part"),
    Stored("normalisation/outputs/{output}/mean", REAL, "…", "mean over the training part"),
    Stored("normalisation/outputs/{output}/std", REAL, "…", "standard deviation over the training part"),
    Stored("coordinates/{axis}", f"{REAL} or {TEXT}", "{axis}", "every axis once more"),
)

DATASET_ATTRIBUTES = {
    "kind": "`dataset`",
    "format_version": "see [Versions](#versions)",
    "fingerprint": "SHA-256 of arrays and axes; the same in one file and in shards",
    "splits": "JSON: samples of each part",
    "provenance": "JSON: what was asked for, what was left out and why, and what was found",
}

INPUTS_ATTRIBUTES = {
    "names": "the parameters",
    "units": "their units",
    "meanings": "what they are",
    "categories": "JSON: of parameters that are words, the values in the order of their codes 0, 1, …",
}

EMULATOR = (
    Stored("inputs/low", REAL, "parameter", "lowest value in training"),
    Stored("inputs/high", REAL, "parameter", "highest value in training"),
    Stored("inputs/logarithmic", TRUTH, "parameter", "whether its logarithm counts"),
    Stored("inputs/mean", REAL, "coordinate", "mean of the coordinates; words have one for each value"),
    Stored("inputs/std", REAL, "coordinate", "their standard deviation"),
    Stored("outputs/{output}/axes/{axis}", f"{REAL} or {TEXT}", "{axis}", "an axis of the output"),
    Stored(
        "outputs/{output}/present", TRUTH, "element", "elements that are learnt; the others were missing in some sample"
    ),
    Stored("outputs/{output}/strength", REAL, "component", "scale of each component"),
    Stored("outputs/{output}/components/mean", REAL, "element", "what elements are measured from"),
    Stored("outputs/{output}/components/scale", REAL, "element", "and in"),
    Stored("outputs/{output}/components/basis", REAL, "component, element", "principal components"),
    Stored("outputs/{output}/components/residual", REAL, "element", "standard deviation of what they leave out"),
    Stored("outputs/{output}/model/x", REAL, "sample, coordinate", "gp: inputs in training"),
    Stored("outputs/{output}/model/z", REAL, "sample, component", "gp: components in training"),
    Stored("outputs/{output}/model/kind", WHOLE, "component", "gp: 0 squared exponential, 1 Matérn-5/2"),
    Stored("outputs/{output}/model/amplitude", REAL, "component", "gp: variance of the process"),
    Stored("outputs/{output}/model/noise", REAL, "component", "gp: variance of what differs from sample to sample"),
    Stored(
        "outputs/{output}/model/lengths", REAL, "component, coordinate", "gp: over what distance the response changes"
    ),
    Stored("outputs/{output}/model/weights_{layer}", REAL, "member, from, to", "network: weights of a layer"),
    Stored("outputs/{output}/model/biases_{layer}", REAL, "member, to", "network: biases of a layer"),
    Stored("outputs/{output}/model/scatter", REAL, "component", "network: variance of what it does not follow"),
)

EMULATOR_ATTRIBUTES = {
    "kind": "`emulator`",
    "format_version": "see [Versions](#versions)",
    "tmx_version": "version of tmx that trained it",
    "provenance": "JSON: dataset, its fingerprint, samples, model and seed",
}

EXPORT = {
    "manifest.json": "what this is, and the SHA-256 of each file of rows and of itself",
    "config.yaml": "the base config as it was written",
    "sweep.yaml": "the sweep file as it was written",
    "rows/sweep.jsonl": "the sweep and its config",
    "rows/samples.jsonl": "samples with the keys of their runs",
    "rows/runs.jsonl": "finished runs: numbers, attempts, and hash and size of the file",
    "rows/environments.jsonl": "versions with which they were computed",
    "rows/workers.jsonl": "who computed them",
    "rows/datasets.jsonl": "datasets of this sweep alone",
    "thermal_results/thermal_sim_KEY.h5": "temperatures",
    "radiance_results/radiance_KEY.h5": "spectra",
    "datasets/NUMBER_NAME.h5": "datasets",
}

STORE = {
    "thermal_results/thermal_sim_KEY.h5": "temperatures of a run",
    "radiance_results/radiance_KEY.h5": "spectra of a run",
    "ml_dataset.h5": "the dataset, with its papers `README.md`, `croissant.json` and `stats.json`",
    "batch_results.yaml": "what became of the last `tmx batch`",
    "logs/batch.log": "what `tmx batch` and its workers had to say",
}
