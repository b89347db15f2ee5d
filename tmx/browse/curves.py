"""The curves of a day in the rows of tables: a few points each, all of a table in one answer."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from tmx.browse.source import Source
from tmx.errors import TmxError
from tmx.registry.sql import execute
from tmx.storage.hdf5 import read
from tmx.storage.paths import in_store
from tmx.storage.records import FloatArray, ThermalRecord

MOST_POINTS = 48
MOST_AT_ONCE = 200
MOST_REMEMBERED = 20_000

FILES = "SELECT id, path, sha256 FROM artifact WHERE id = :id AND kind = 'thermal' AND deleted IS NULL"

Curve = list[float]
"""Temperatures at even times of a day [K]."""


class Curves:
    """Curves of thermal files, remembered by what the files hold."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: OrderedDict[str, Curve] = OrderedDict()
        self._lock = threading.Lock()

    def of_artifacts(self, ids: Iterable[int]) -> dict[int, Curve]:
        """Return the curves of some files; those that cannot be read are left out."""
        with self._source.read() as conn:
            rows = [row for one in list(ids)[:MOST_AT_ONCE] if (row := execute(conn, FILES, id=one).first())]
        found = {}
        for row in rows:
            curve = self._known.get(row.sha256) or self._read(row.path, row.sha256)
            if curve:
                found[row.id] = curve
        return found

    def _read(self, path: str, sha256: str) -> Curve | None:
        try:
            temperatures = read(in_store(path, self._source.store), ThermalRecord, ("T_surf_out",)).T_surf_out
        except TmxError:
            return None
        if not temperatures.size:
            return None
        curve = curve_of(temperatures)
        with self._lock:
            self._known[sha256] = curve
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return curve


def curve_of(temperatures: FloatArray) -> Curve:
    """Return those of some temperatures that a line of a few pixels shows."""
    chosen = temperatures[np.unique(np.linspace(0, len(temperatures) - 1, MOST_POINTS).astype(int))]
    return [round(float(one), 1) for one in chosen]
