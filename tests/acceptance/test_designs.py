"""Sweeps with designs, from the file to results: grown, previewed, and refused in one line."""

import json

import pytest

DESIGN = "design: {{type: {kind}, {count}: {number}}}\n"
PARAMETERS = (
    "parameter_sweeps:\n"
    "  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}\n"
    "  - {parameter: latitude, type: linear, min: 0 deg, max: 60 deg}\n"
    "constraints: [k_dust * latitude > 0.01]\n"
    "output_settings: {radiance: false}\n"
)


@pytest.fixture
def write(directory):
    def write(kind: str, number: int, count: str = "n_samples", rest: str = PARAMETERS) -> None:
        (directory / "sweep.yaml").write_text(DESIGN.format(kind=kind, count=count, number=number) + rest)

    return write


def submit(tmx, *more, output="out"):
    return tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", output, *more)


def rows(tmx, query: str) -> list[dict]:
    return json.loads(tmx("sql", query, "--json").out)


SAMPLES = (
    "select s.id, s.sample_index, s.params, s.thermal_run_id, r.key from sample s join run r on r.id = s.thermal_run_id"
    " order by s.sample_index"
)


def refusal(answer, code=2) -> str:
    assert answer.code == code, answer
    assert answer.out == ""
    (line,) = [line for line in answer.err.splitlines() if not line.startswith("warning:")]
    return line


def test_a_batch_grows_and_computes_only_what_is_new(tmx, write):
    write("sobol", 4)
    compute = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--backend", "threading")
    assert "out: 4 of 4 runs done" in tmx("batch", *compute).out
    before = rows(tmx, SAMPLES)
    attempts = rows(tmx, "select * from attempt order by id")
    write("sobol", 8)
    assert "--extend" in refusal(tmx("batch", *compute))
    answer = tmx("batch", *compute, "--extend")
    assert "out: 8 of 8 runs done" in answer.out
    assert "computed   4 runs" in answer.out
    after = rows(tmx, SAMPLES)
    assert after[:4] == before
    assert len(after) == 8
    assert rows(tmx, "select * from attempt order by id")[:4] == attempts
    assert "computed   0 runs" in tmx("batch", *compute).out
    write("sobol", 4)
    assert "another config, design or seed" in refusal(tmx("batch", *compute))


@pytest.mark.parametrize(
    ("kind", "count", "samples"), [("halton", "n_samples", 3), ("random", "n_samples", 3), ("saltelli", "n_base", 18)]
)
def test_designs_that_go_on_may_grow(tmx, write, kind, count, samples):
    write(kind, 3, count)
    assert f"{samples} new samples" in submit(tmx).out
    before = rows(tmx, SAMPLES)
    write(kind, 5, count)
    answer = submit(tmx, "--extend")
    assert answer.code == 0, answer.err
    assert f"{samples * 5 // 3 - samples} new samples" in answer.out
    assert rows(tmx, SAMPLES)[:samples] == before
    assert "0 new samples" in submit(tmx, "--extend").out


def test_what_may_not_change_is_named(tmx, write, directory):
    write("sobol", 4)
    assert submit(tmx).code == 0
    before = rows(tmx, "select * from sweep"), rows(tmx, SAMPLES)
    for old, new, words in [
        ("k_dust, type", "k_rock, type", "other parameters (k_dust, latitude)"),
        ("max: 60 deg", "max: 61 deg", "another range or other values of latitude"),
        ("> 0.01]", "> 0.02]", "other constraints"),
        ("radiance: false", "radiance: true", "radiance: false"),
        ("output_settings", "seed: 43\noutput_settings", "another seed (42)"),
        ("output_settings", "fixed_overrides: {em: 0.8}\noutput_settings", "other fixed_overrides"),
    ]:
        write(
            "sobol",
            8,
            rest=PARAMETERS.replace(old, new).replace("[k_dust", "[k_rock" if "k_rock" in new else "[k_dust"),
        )
        assert f"was submitted with {words}" in refusal(submit(tmx, "--extend"))
    write("sobol", 8)
    base = directory / "base.yaml"
    text = base.read_text()
    base.write_text(text.replace("accuracy: 0.5", "accuracy: 0.4"))
    assert "was submitted with another base config" in refusal(submit(tmx, "--extend"))
    base.write_text(text)
    write("sobol", 2)
    assert "n_samples: sweep 'out' has 4, and 2 would be fewer" in refusal(submit(tmx, "--extend"))
    write("halton", 8)
    assert "has the design sobol, which cannot go on as halton" in refusal(submit(tmx, "--extend"))
    assert (rows(tmx, "select * from sweep"), rows(tmx, SAMPLES)) == before


def test_a_latin_hypercube_cannot_grow(tmx, write):
    write("latin_hypercube", 4)
    assert submit(tmx).code == 0
    write("latin_hypercube", 8)
    line = refusal(submit(tmx, "--extend"))
    assert "latin_hypercube, which cannot be extended (only sobol, halton, random, saltelli go on" in line


def test_only_what_is_there_can_be_extended(tmx, write, directory):
    write("sobol", 4)
    refusal(submit(tmx, "--extend"), code=4)
    assert not (directory / "tmx.db").exists()
    assert submit(tmx).code == 0
    assert "there is no sweep 'other'" in refusal(submit(tmx, "--extend", output="other"), code=4)


def test_impossible_constraints_leave_nothing_behind(tmx, write, directory):
    write("sobol", 4, rest=PARAMETERS.replace("> 0.01]", "> 100]"))
    line = refusal(submit(tmx))
    assert "sweep.yaml:5:15: only 0 of the first 10000 points" in line
    assert not (directory / "tmx.db").exists()


PREVIEW = (
    "design: {type: sobol, n_samples: 16}\n"
    "parameter_sweeps:\n"
    "  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}\n"
    "  - {parameter: latitude, type: linear, min: 0 deg, max: 60 deg}\n"
    "  - {parameter: freq_out, type: linear, min: 8, max: 12}\n"
    "  - {parameter: bottom_bc, type: list, values: [neumann, dirichlet]}\n"
    "constraints: [k_dust * latitude > 0.05]\n"
)


def test_a_preview_says_what_a_sweep_would_be(tmx, directory):
    (directory / "sweep.yaml").write_text(PREVIEW)
    before = sorted(directory.iterdir())
    answer = tmx("sweep", "preview", "sweep.yaml", "-b", "base.yaml")
    assert answer.code == 0, answer.err
    assert sorted(directory.iterdir()) == before
    lines = [line.split() for line in answer.out.splitlines()]
    assert lines[0] == ["sweep", "sweep:", "16", "samples,", "design", "sobol,", "seed", "42"]
    assert lines[1][:3] == ["constraints", "1:", "they"]
    assert ["thermal", "16", "runs"] in lines
    assert "rule of thumb: 20 ms and 35 kB a thermal run" in answer.out
    assert ["freq_out", "linear,", "whole", "numbers", "8", "12", "5"] in lines
    assert ["bottom_bc", "categories", "2:", "neumann,", "dirichlet"] in lines
    facts = json.loads(tmx("sweep", "preview", "sweep.yaml", "-b", "base.yaml", "--json", "-o", "pairs.png").out)
    assert (facts["samples"], facts["drawn"] - facts["left_out"]) == (16, 16)
    assert facts["seconds"] == pytest.approx(16 * (0.02 + 0.02))
    k_dust, latitude = (facts["parameters"][number]["values"] for number in (0, 1))
    assert all(k * x > 0.05 for k, x in zip(k_dust, latitude, strict=True))
    assert (directory / "pairs.png").read_bytes().startswith(b"\x89PNG")
    assert submit(tmx).code == 0
    submitted = [json.loads(row["params"])["k_dust"] for row in rows(tmx, SAMPLES)]
    assert submitted == k_dust


def test_a_preview_learns_from_runs_that_are_done(tmx, write):
    write("sobol", 4)
    compute = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--backend", "threading")
    assert tmx("batch", *compute).code == 0
    preview = ("sweep", "preview", "sweep.yaml", "-b", "base.yaml")
    assert "time        none: everything is computed already" in tmx(*preview).out
    write("sobol", 8)
    facts = json.loads(tmx(*preview, "--json").out)
    assert facts["stages"]["thermal"]["computed"] == facts["similar_runs"] == 4
    durations = [row["duration"] for row in rows(tmx, "select duration from attempt order by duration")]
    sizes = [row["bytes"] for row in rows(tmx, "select bytes from artifact")]
    assert facts["seconds"] == pytest.approx(4 * (durations[1] + durations[2]) / 2)
    assert facts["bytes"] == pytest.approx(sum(sizes))
    write("sobol", 8, rest=f"{PARAMETERS}fixed_overrides: {{use_RTE: true}}\n")
    facts = json.loads(tmx(*preview, "--json").out)
    assert (facts["similar_runs"], facts["by_rule_of_thumb"]) == (0, 8)
    two = PARAMETERS.replace("constraints", "  - {parameter: use_RTE, type: list, values: [false, true]}\nconstraints")
    write("halton", 8, rest=two)
    facts = json.loads(tmx(*preview, "--json").out)
    opaque = facts["parameters"][2]["values"].count(False)
    assert 0 < opaque < 8
    assert (facts["similar_runs"], facts["by_rule_of_thumb"]) == (4, 8 - opaque)
    said = f"(from 4 similar runs in the registry, and for {8 - opaque} runs by a rule of thumb: "
    answer = tmx(*preview)
    assert said in answer.out
    assert "2: false, true" in answer.out


@pytest.mark.parametrize(
    ("text", "more", "words", "code"),
    [
        (PREVIEW, ("-o", "pairs.gif"), "pairs.gif", 2),
        (PREVIEW, ("--db", "nowhere.db"), "nowhere.db", 4),
        (PREVIEW, ("-b", "nothing.yaml"), "nothing.yaml: no such file", 2),
        (PREVIEW.replace("k_dust *", "k_dusk *"), (), "unknown field 'k_dusk'; did you mean 'k_dust'?", 2),
        (PREVIEW.replace("sobol", "sobul"), (), "did you mean 'sobol'?", 2),
        (PREVIEW.replace("> 0.05", "> 5"), (), "only 0 of the first 10000 points", 2),
        ("description: nothing\n", ("-o", "pairs.png"), "no parameter varies", 2),
    ],
)
def test_a_preview_that_cannot_be(tmx, directory, text, more, words, code):
    (directory / "sweep.yaml").write_text(text)
    before = sorted(directory.iterdir())
    assert words in refusal(tmx("sweep", "preview", "sweep.yaml", *more), code)
    assert sorted(directory.iterdir()) == before
