"""Tables as files for other programs: comma-separated values, and Parquet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from tmx.errors import MissingPackageError


def comma_separated(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as comma-separated values, the names of its columns first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def parquet(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a table as the content of a Parquet file.

    Raises
    ------
    MissingPackageError
        If pyarrow is missing.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import write_table
    except ImportError:
        raise MissingPackageError("--parquet", "parquet") from None
    content = io.BytesIO()
    write_table(pa.table({name: [row[place] for row in rows] for place, name in enumerate(columns)}), content)
    return content.getvalue()
