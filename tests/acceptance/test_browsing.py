"""`tmx browse` as people have it: pages in a browser, what they may and may not do, and registries that mean harm."""

import json
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import browsing
from chromium import Chromium, find_chromium
from commands import BASE, write_sweep

from tmx.browse.files import file_of_artifact
from tmx.browse.questions import QUESTIONS
from tmx.browse.server import serve
from tmx.browse.source import Source
from tmx.config import load_config
from tmx.datasets.builder import build_dataset
from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.execution.job import Job
from tmx.execution.pool import Crew, run_workers
from tmx.execution.submission import submit_sweep
from tmx.registry import open_registry
from tmx.registry.queue import Ask, Failure, claim, fail, new_token
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow, submit
from tmx.registry.workers import Process, register_worker
from tmx.stages.keys import thermal_key
from tmx.sweeps import load_sweep

ROUGH = (
    "parameter_sweeps: [{parameter: latitude, type: list, values: [20 deg]}]\n"
    "fixed_overrides: {crater: true, compute_crater_radiance: true, crater_facets: 24, accuracy: 1.0}\n"
)

EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">'\"&{{7*7}}"

PAGES = {
    "home": "/",
    "questions": "/-/questions",
    "sweep": "/-/sweep/1",
    "rough sweep": "/-/sweep/2",
    "evil sweep": "/-/sweep/3",
    "sample": "/-/sample/1",
    "rough sample": "/-/sample/5?hours=8+14",
    "failed run": "/-/run/11",
    "compare": "/-/compare?run=5+6&hour=14",
    "compare what cannot be read": "/-/compare?run=5+11",
    "dataset": "/-/dataset/1",
    "tables": "/registry",
    "runs": "/registry/run",
    "samples": "/registry/samples",
    "failures": "/registry/failures",
    "wide table": "/sweeps/plain",
    "question": "/registry/hottest",
}

SCREENS = {"laptop": (1280, False), "phone in the dark": (390, True)}

HEIGHTS = "[...document.querySelectorAll('[data-curve] polyline')].flatMap(l => [...l.points].map(p => p.y))"

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"

BLANK = """
[...document.images].map(image => {
  const canvas = document.createElement('canvas');
  canvas.width = 120; canvas.height = 80;
  const drawn = canvas.getContext('2d');
  drawn.drawImage(image, 0, 0, 120, 80);
  const colours = new Set();
  const data = drawn.getImageData(0, 0, 120, 80).data;
  for (let i = 0; i < data.length; i += 4) colours.add(data.slice(i, i + 4).join());
  return colours.size > 20 ? null : image.currentSrc;
}).filter(source => source)
"""

UNREADABLE = """
[...document.querySelectorAll('p, h1, h2, td, th, dt, dd, section.content a, label, button, summary, header a')]
.filter(e => e.textContent.trim() && e.checkVisibility()).map(e => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = e;
  while (ground && numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const below = ground ? luminance(numbers(getComputedStyle(ground).backgroundColor)) : 1;
  const above = luminance(numbers(getComputedStyle(e).color));
  const contrast = (Math.max(above, below) + 0.05) / (Math.min(above, below) + 0.05);
  const words = `${contrast.toFixed(1)} ${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)}`;
  return contrast < 4.5 ? words : null;
}).filter(words => words)
"""


def make_store(root: Path) -> None:
    """Compute a sweep and a rough surface, build a dataset, and let a hostile sweep fail."""
    (root / "base.yaml").write_text(BASE)
    write_sweep(root / "plain.yaml", 2, 2)
    (root / "rough.yaml").write_text(ROUGH)
    base = load_config(root / "base.yaml")
    with open_registry(root / "tmx.db", create=True) as registry:
        for name in ("plain", "rough"):
            submit_sweep(registry, root, base, load_sweep(root / f"{name}.yaml"), root / name)
        run_workers(Job(registry, root), Crew(1))
        build_dataset(registry, root, "plain", root / "plain/ml_dataset.h5")
        with registry.read() as conn:
            resolved = execute(conn, "SELECT resolved FROM config ORDER BY id LIMIT 1").scalar_one()
        config = ConfigRow(EVIL, EVIL, EVIL, json.dumps({**json.loads(resolved), "label": EVIL}))
        params = json.dumps({EVIL: EVIL})
        rows = [SampleRow(0, params, "e" * 64, None), SampleRow(1, params, "f" * 64, None)]
        submit(registry, config, SweepRow(EVIL, EVIL, "0" * 64, EVIL, 1, EVIL), rows)
        worker = register_worker(registry, Process(EVIL, EVIL, 1, EVIL), {EVIL: EVIL})
        (held,) = claim(registry, Ask(worker, new_token()))
        fail(registry, held, Failure(EVIL, EVIL, EVIL))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("results #1, 50 % & more")
    make_store(root)
    with browsing(root) as started:
        yield started


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium here: `apt-get install chromium`, or CHROMIUM=/path/to/it")
    chromium = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def ready(site):
    """Wait until the wide tables are there."""
    deadline = time.monotonic() + 20
    while site.ask("/sweeps/plain.json")[0] != 200 or site.ask("/sweeps/rough.json")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return site


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_are_whole_readable_and_at_home(ready, browser, screen):
    width, dark = SCREENS[screen]
    browser.show(width, dark=dark)
    wrong = {}
    for name, path in PAGES.items():
        browser.open(ready.url(path))
        elsewhere = [url for url in browser.requests if not url.startswith((ready.url("/"), "data:"))]
        seen = [*browser.problems, *elsewhere, *browser.evaluate(BLANK), *browser.evaluate(UNREADABLE)]
        if not path.startswith(("/registry", "/sweeps")) and not browser.evaluate(FITS):
            seen.append("wider than the screen")
        if browser.evaluate("document.title") in {"", "taken"}:
            seen.append("title")
        if seen:
            wrong[name] = seen
    assert wrong == {}


def test_figures_and_curves_are_on_the_pages(ready, browser):
    browser.show(1280)
    browser.open(ready.url("/-/sample/5"))
    kinds = browser.evaluate("[...document.images].map(i => new URL(i.currentSrc).pathname.split('/')[3])")
    assert kinds == ["day", "depth", "spectra", "observers", "views", "facets"]
    browser.open(ready.url("/-/sweep/1"))
    assert browser.evaluate("document.querySelectorAll('[data-curve] polyline').length") == 4
    heights = browser.evaluate(HEIGHTS)
    assert [min(heights), max(heights)] == [2.0, 20.0]  # the warmest and the coldest of all curves
    browser.open(ready.url("/sweeps/plain"))
    assert browser.evaluate("document.querySelectorAll('[data-curve] polyline').length") == 4


def test_what_the_database_says_is_text(ready, browser):
    browser.show(1280)
    browser.open(ready.url("/-/sweep/3"))
    table = browser.evaluate("document.querySelector('a[href^=\"/sweeps/\"]').getAttribute('href')")
    for path in ("/", "/-/sweep/3", "/-/run/11", "/registry/sweep", "/registry/failures", "/registry/failed", table):
        browser.open(ready.url(path))
        assert EVIL.split(">")[0] in browser.evaluate("document.body.textContent"), path
        assert browser.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        assert browser.evaluate("document.title") != "taken"


def test_the_keyboard_goes_everywhere(ready, browser):
    browser.show(1280)
    browser.open(ready.url("/-/sweep/1"))
    visited = []
    for _ in range(30):
        browser.press("Tab")
        visited.append(browser.evaluate("(document.activeElement.name || document.activeElement.href || '')"))
        if visited[-1] == "run":
            break
    assert "by" in visited
    assert visited[-1] == "run"
    outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    browser.press(" ")
    assert browser.evaluate("document.activeElement.checked")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.pathname") == "/-/sample/1"


def test_every_question_answers(ready):
    for name in QUESTIONS:
        asked = urlencode({"sweep": "plain", "limit": "3", "parameter": "latitude", "value": "0.5", "config": "base"})
        for parameters in (asked, ""):
            status, body, _ = ready.ask(f"/registry/{name}.json?{parameters}")
            answer = json.loads(body)
            assert (status, answer.get("ok", True)) == (200, True), (name, answer)
    assert len(ready.rows(f"/registry/hottest.json?{urlencode({'sweep': 'plain', 'limit': '3'})}")) == 3
    assert [EVIL, EVIL] in [row[2:4] for row in ready.rows("/registry/failed_by_cause.json")]
    found = ready.rows(
        f"/registry/error_against_parameter.json?{urlencode({'sweep': 'plain', 'parameter': 'latitude'})}"
    )
    assert [row[2] for row in found] == [2, 2]
    assert [row[0] == row[1] for row in found] == [True, True]


def test_nothing_but_this_machine_is_answered(site):
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:8001", "0.0.0.0"):
        assert site.ask("/", Host=host)[0] == 403
    for host in ("localhost", f"localhost:{site.port}", f"127.0.0.1:{site.port}", "LOCALHOST:80", "[::1]:80"):
        assert site.ask("/", Host=host)[0] == 200
    _, _, headers = site.ask("/registry.json", Origin="http://evil.example")
    assert not [name for name in headers if name.startswith("access-control")]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "script-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_there_is_no_way_to_write(site, method):
    for path in ("/", "/registry", "/registry/hottest", "/-/messages"):
        assert site.ask(path, method)[0] == 405


def test_sql_only_reads(site):
    before = (site.root / "tmx.db").read_bytes()
    statements = (
        "DELETE FROM run",
        "WITH x AS (SELECT 1) DELETE FROM run",
        "ATTACH 'x.db' AS x",
        "PRAGMA query_only=0",
    )
    for sql in (*statements, "SELECT load_extension('x')", "SELECT writefile('x', 'x')", "SELECT readfile('tmx.db')"):
        assert site.query(sql)[0] == 400, sql
    assert (site.root / "tmx.db").read_bytes() == before
    assert not (site.root / "x.db").exists()


def test_files_are_had_by_their_ids_alone(site):
    rows = site.rows("/registry/artifact.json?_shape=arrays")
    status, body, headers = site.ask(f"/-/file/{rows[0][0]}")
    with sqlite3.connect(site.root / "tmx.db") as conn:
        path, size = conn.execute("SELECT path, bytes FROM artifact ORDER BY id LIMIT 1").fetchone()
    assert (status, len(body)) == (200, size)
    assert body == (site.root / path).read_bytes()
    assert "attachment" in headers["content-disposition"]
    assert site.ask("/-/dataset/1/file")[1] == (site.root / "plain/ml_dataset.h5").read_bytes()
    nothing = ("/registry.db", "/sweeps.db", "/-/file/../base.yaml", "/-/file/%2e%2e%2fbase.yaml", "/-/file/99999")
    for path in (*nothing, "/assets/../plugin.py", "/assets/%2e%2e/plugin.py"):
        status, body, _ = site.ask(path)
        assert status in {302, 403, 404}, path
        assert b"planetary_body" not in body
        assert b"SQLite format" not in body


def test_a_row_that_names_another_file_gives_nothing_away(site, tmp_path):
    shutil.copytree(site.root, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm", "*-wal"))
    secret = tmp_path / "secret"
    secret.write_text("secret" * 100)
    with sqlite3.connect(tmp_path / "copy/tmx.db") as conn:
        conn.execute("UPDATE artifact SET path = '../secret', bytes = 600 WHERE id = 1")
        conn.execute("UPDATE artifact SET path = ?, bytes = 600 WHERE id = 2", (str(secret),))
        conn.execute("UPDATE artifact SET path = 'nowhere.h5' WHERE id = 3")
    with (
        open_registry(tmp_path / "copy/tmx.db", read_only=True) as registry,
        Source(registry, tmp_path / "copy") as shown,
    ):
        for artifact in (1, 2):
            with pytest.raises(StorageError, match="is not the one that was recorded"):
                file_of_artifact(shown, artifact)
        with pytest.raises(NotFoundError, match="is not in the store"):
            file_of_artifact(shown, 3)


def test_config_of_a_run_computes_it_again(site, tmp_path):
    status, body, _ = site.ask("/-/config/1.yaml")
    assert status == 200
    (tmp_path / "run_1.yaml").write_bytes(body)
    with sqlite3.connect(site.root / "tmx.db") as conn:
        (key,) = conn.execute("SELECT key FROM run WHERE id = 1").fetchone()
    assert thermal_key(load_config(tmp_path / "run_1.yaml").config) == key


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/-/run/999", 404, "there is no run 999"),
        ("/-/sample/999", 404, "there is no sample 999"),
        ("/-/sweep/999", 404, "there is no sweep 999"),
        ("/-/dataset/999", 404, "there is no dataset 999"),
        ("/-/compare?run=x", 400, "&#39;x&#39; is no run"),
        ("/-/compare?run=1+2+3+4+5+6+7+8+9", 400, "9 runs are too many"),
        ("/-/figure/sculpture/1.svg", 404, "one of day"),
        ("/-/figure/spectra/5.svg?of=noon", 400, "no local times"),
        ("/-/figure/facets/1.svg", 404, "no rough surface"),
        ("/-/figure/day/11.svg", 404, "no file of thermal run 11"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(site, path, status, words):
    found, body, _ = site.ask(path)
    assert (found, words in body.decode()) == (status, True), body


def test_rows_of_tables_lead_to_pages(ready):
    for path, target in {
        "/registry/run/1": "/-/run/1",
        "/registry/sample/2": "/-/sample/2",
        "/registry/artifact/1": "/-/run/1",
        "/sweeps/plain/3": "/-/sample/4",
    }.items():
        status, _, headers = ready.ask(path)
        assert (status, headers["location"]) == (302, target)


def test_pages_follow_workers_that_write(ready):
    with open_registry(ready.root / "tmx.db") as registry:
        worker = register_worker(registry, Process("late", "here", 2, "threading"), {})
        (held,) = claim(registry, Ask(worker, new_token()))
        assert "late" in ready.ask("/")[1].decode()
        fail(registry, held, Failure("LateError", "failed just now"))
    assert "failed just now" in ready.ask("/")[1].decode()
    deadline = time.monotonic() + 15
    while "failed just now" not in ready.query(_evil_table(ready), "sweeps")[1].decode():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _evil_table(site):
    (name,) = [name for name in json.loads(site.ask("/sweeps.json")[1])["tables"] if "script" in name["name"]]
    return 'SELECT error FROM "{}"'.format(name["name"].replace('"', '""'))


def test_it_stops_when_it_is_told_to_and_leaves_nothing(site, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with browsing(site.root, signal.SIGINT) as other:
        assert [*tmp_path.glob("tmx-browse-*")]
        assert other.ask("/")[0] == 200
    assert not [*tmp_path.glob("tmx-browse-*")]


def test_a_port_in_use_is_said_so(site):
    words = rf"port {site.port} cannot be used \(Address already in use\): --port 0 takes a free one"
    with (
        open_registry(site.root / "tmx.db", read_only=True) as registry,
        pytest.raises(ConfigError, match=words),
    ):
        serve(registry, site.root, site.port, print)
