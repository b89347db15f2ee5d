"""What the tests of pages refuse: were they to let anything pass, pages could say anything."""

import pytest
from pages import blocks_of, unmarked
from sessions import Demo, Session
from shapes import missing_line


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Return a function that writes a page."""
    monkeypatch.setattr("pages.REPOSITORY", tmp_path)

    def write(text):
        path = tmp_path / "page.md"
        path.write_text(text)
        return path

    return write


def run(path):
    directory = path.parent / "session"
    directory.mkdir()
    with Session(directory, Demo(directory / "demo")) as session:
        for block in blocks_of(path):
            session.run(block)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```sh\ntmx config check none.yaml\n```", "page.md:2: tmx config check none.yaml: exit code"),
        ("```sh\necho 'a\n```", "a quotation is not closed: echo 'a"),
        ("```sh\nfalse\n```", "page.md:2: false: exit code 1"),
        ("```sh\necho a\n```\n```\nb\n```", "page.md:5: not written, or not after the line before it: b"),
        ("```\n$ echo 2 runs\n3 samples\n```", "not written, or not after the line before it: 3 samples"),
        ("```yaml\nk_dsut: 1\n```", "page.md:2: .*k_dsut"),
        ("```python\nassert 1 == 2, 'one'\n```", "one"),
        ("```sh\nmake everything\n```", "page.md:2: no target of make: everything"),
        ("```sh\npip install 'tmx[everything]'\n```", "page.md:2: no extra of tmx: everything"),
        ("<!-- run: no, it serves -->\n```sh\ntmx browse --opne\n```", "page.md:3: No such option"),
        ("```sh\ntmx batch … --wrokers 2\n```", "page.md:2: No such option"),
        ("<!-- run: exits with 2 -->\n```sh\ntrue\n```", "page.md:3: true: exit code 0"),
        ("<!-- run: with 2 -> 3 -->\n```sh\necho 1\n```", "page.md:3: '2' is not in the block"),
        ("<!-- run: never -->\n```sh\necho 1\n```", "page.md:3: unknown mark 'never'"),
        (
            "<!-- run: no, because -->\nText.\n\n```sh\necho 1\n```",
            "page.md:4: the mark before this line stands before",
        ),
        ("<!-- run: no, because -->\n", "page.md: the last mark stands before no block"),
    ],
)
def test_what_does_not_hold_is_refused(page, text, message):
    with pytest.raises((AssertionError, ValueError), match=message):
        run(page(text))


def test_marks_are_applied_and_hidden_blocks_are_run(page):
    run(
        page(
            "<!-- run: yaml\n# moon.yaml\nP: 29.5 d\n-->\n"
            "<!-- run: with sun.yaml -> moon.yaml -->\n```sh\ntmx config check sun.yaml && export NIGHT=1 # yes\n```\n"
            "```\nmoon.yaml: good, with … warnings\n```\n"
            "<!-- run: exits with 3 -->\n```sh\ntest $NIGHT = 1 && sh -c 'exit 3'\n```\n"
            "```python\nstars = 6000\n```\n```python\nprint(stars, 'stars')\n```\n```text\n9 stars\n```\n"
        )
    )


def test_blocks_that_nothing_runs_are_found(page):
    path = page("```\nno output\n```\n```rust\nfn main() {}\n```\n```mermaid\ngraph TD\n```\n")
    assert [problem.partition(" ")[0] for problem in unmarked(path)] == ["page.md:2:", "page.md:5:"]


def test_output_is_compared_by_its_shape():
    written = "sweep  a: 12 samples\nsize   1.5 kB in 20 ms\n----  ---\nrow 1\nrow 2\n"
    assert missing_line("sweep a: 300 samples\nsize 2.25 MB in 3 s\n--- -----\n…\nrow 7\n", written) is None
    assert missing_line("sweep b: 12 samples", written) == "sweep b: 12 samples"
    assert missing_line("row 1\nsweep a: 12 samples", written) == "sweep a: 12 samples"
