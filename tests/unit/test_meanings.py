"""What is said of tables and columns: of all of them, and of nothing else."""

import re

from tmx.config import FIELDS
from tmx.registry.meanings import COMMON, RESULTS, TABLES, column_meaning, meaning_in
from tmx.registry.tables import RESULT_TABLES, metadata
from tmx.registry.views import VIEWS


def test_every_table_and_view_has_a_description():
    assert set(TABLES) == {*metadata.tables, *VIEWS, "alembic_version"}


def test_every_column_has_a_description():
    columns = {column.name for table in metadata.sorted_tables for column in table.c}
    assert [name for name in columns if not column_meaning(name)] == []
    results = {column.name for table in RESULT_TABLES.values() for column in table.c} - {"run_id", "wall_time"}
    assert set(RESULTS) == results


def test_quantities_have_units():
    without = [name for name in RESULTS if re.match(r"t_|error_|tb_", name) and "[K]" not in RESULTS[name]]
    assert without == []
    assert not set(RESULTS) & set(COMMON)


def test_views_give_times_as_people_write_them():
    assert meaning_in("attempt", "started") == "when it began [s since 1970]"
    assert meaning_in("runs", "started") == "when it began [ISO 8601, UTC]"
    assert meaning_in("runs", "duration") == meaning_in("attempt", "duration") == "how long it took [s]"


def test_parameters_are_described_by_the_schema():
    assert FIELDS["k_dust"].about.meaning in column_meaning("k_dust")
    assert column_meaning("latitude").endswith("[rad]")
    assert column_meaning("nothing of ours") == ""
