"""The tables of the registry, for migrations and for whoever asks what a row is.

Times are seconds since 1970 by the database's clock. States are text with a CHECK: a PostgreSQL ENUM could not lose a
value again, and SQLite has none. Every constraint has a name, since Alembic can only change what has one. Small
numbers go first wherever there is a priority: a descending index would not survive SQLite's way of altering a table.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

RUN_STATES = ("blocked", "pending", "running", "done", "failed", "cancelled")
SWEEP_STATES = ("active", "paused", "cancelled")
WORKER_STATES = ("alive", "stopped", "lost")
OUTCOMES = ("done", "failed", "lost", "released", "cancelled")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, length: int | None = None, *, nullable: bool = False, unique: bool = False) -> Column[str]:
    return Column(name, String(length) if length else Text(), nullable=nullable, unique=unique)


def _number(name: str, *, nullable: bool = True) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def _count(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, Integer, nullable=nullable)


def _counter(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _reference(name: str, table: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=nullable)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _result_table(stage: str, *columns: SchemaItem) -> Table:
    run = Column("run_id", Integer, ForeignKey("run.id"), primary_key=True, autoincrement=False)
    return Table(f"{stage}_result", metadata, run, *columns)


config = Table(
    "config",
    metadata,
    _id(),
    _text("name"),
    _text("body"),
    _text("sha256", 64, unique=True),
    _text("source"),
    _text("resolved"),
    _number("created", nullable=False),
)
"""A base configuration: `source` is the YAML as written, `resolved` the canonical JSON that `sha256` is of."""

sweep = Table(
    "sweep",
    metadata,
    _id(),
    _text("name", unique=True),
    _reference("config_id", "config"),
    _text("source"),
    _text("sha256", 64),
    _text("design"),
    Column("seed", BigInteger, nullable=True),
    _text("output_dir", unique=True),
    _counter("n_samples"),
    Column("parameters", Text, nullable=False, server_default=text("'{}'")),
    _text("state", 16),
    _counter("priority"),
    _number("created", nullable=False),
    _one_of("state", SWEEP_STATES),
)
"""A submitted sweep. `sha256` is of all that defines it; `parameters` is JSON, from the name of each parameter that its
samples set to its SQL type (integer, real, boolean, text)."""

sample = Table(
    "sample",
    metadata,
    _id(),
    _reference("sweep_id", "sweep"),
    _count("sample_index", nullable=False),
    _text("params"),
    _reference("thermal_run_id", "run"),
    _reference("radiance_run_id", "run", nullable=True),
    UniqueConstraint("sweep_id", "sample_index"),
    Index(None, "thermal_run_id", "sweep_id"),
    Index(None, "radiance_run_id", "sweep_id"),
)
"""A point of a sweep. `params` is canonical JSON: the truth that the views' columns are made from."""

run = Table(
    "run",
    metadata,
    _id(),
    _text("stage", 32),
    _text("key", 64, unique=True),
    _reference("sweep_id", "sweep"),
    _text("params"),
    _text("state", 16),
    _counter("priority"),
    _counter("attempts"),
    _counter("losses"),
    _number("not_before"),
    _reference("worker_id", "worker", nullable=True),
    _text("lease_token", 32, nullable=True),
    _number("lease_until"),
    _reference("parent_id", "run", nullable=True),
    _one_of("state", RUN_STATES),
    CheckConstraint("state <> 'blocked' OR parent_id IS NOT NULL", name="blocked_by_parent"),
    CheckConstraint(
        "(state = 'running' AND worker_id IS NOT NULL AND lease_token IS NOT NULL AND lease_until IS NOT NULL)"
        " OR (state <> 'running' AND worker_id IS NULL AND lease_token IS NULL AND lease_until IS NULL)",
        name="lease_while_running",
    ),
    _partial_index("ix_run_claim", "sweep_id", "losses", "priority", "id", where="state = 'pending'"),
    _partial_index("ix_run_held", "worker_id", "lease_token", where="state = 'running'"),
    Index("ix_run_counts", "state", "sweep_id", "stage"),
    Index(None, "parent_id"),
)
"""A stage of some inputs: the hot table, kept narrow, since every change of state writes the row anew.

`sweep_id` is the sweep that owns its execution: `params` overrides that sweep's config, and the file goes to that
sweep's output directory. `attempts` counts tries that ended by themselves, well or with an error; `losses` those whose
worker vanished. `lease_until` is in no index, so that a heartbeat changes nothing but rows; those that are running are
few to look through for a lease that has run out.
"""

shared_run = Table(
    "shared_run",
    metadata,
    Column("sweep_id", Integer, ForeignKey("sweep.id"), primary_key=True),
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Index(None, "run_id"),
)
"""Which sweeps need a run that more than one sweep needs, its owner included; none for a run of one sweep only."""

environment = Table(
    "environment",
    metadata,
    _id(),
    _text("sha256", 64, unique=True),
    _text("details"),
    _number("created", nullable=False),
)
"""A distinct set of package versions, git state and platform, as JSON."""

worker = Table(
    "worker",
    metadata,
    _id(),
    _text("name", unique=True),
    _text("host"),
    _count("pid", nullable=False),
    _text("backend"),
    _reference("environment_id", "environment"),
    _number("started", nullable=False),
    _number("heartbeat", nullable=False),
    _text("state", 16),
    Column("stop_requested", Boolean, nullable=False, server_default=text("false")),
    _one_of("state", WORKER_STATES),
    Index(None, "state"),
)
"""A process that claims runs."""

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _reference("run_id", "run"),
    _count("number", nullable=False),
    _reference("worker_id", "worker"),
    _reference("environment_id", "environment"),
    _text("token", 32),
    _number("claimed", nullable=False),
    _number("started"),
    _number("finished"),
    _number("duration"),
    _text("outcome", 16, nullable=True),
    _text("error_type", nullable=True),
    _text("message", nullable=True),
    _text("traceback", nullable=True),
    UniqueConstraint("run_id", "number"),
    _one_of("outcome", OUTCOMES),
    CheckConstraint("(outcome IS NULL) = (finished IS NULL)", name="finished_with_outcome"),
)
"""One try at a run by one worker, kept for ever; `outcome` is NULL while it is open, `started` NULL until it begins."""

artifact = Table(
    "artifact",
    metadata,
    _id(),
    _reference("run_id", "run"),
    _text("kind", 32),
    _text("path"),
    _text("sha256", 64),
    Column("bytes", BigInteger, nullable=False),
    _number("created", nullable=False),
    _number("deleted"),
    _partial_index("uq_artifact_run_id_kind", "run_id", "kind", where="deleted IS NULL", unique=True),
    _partial_index("uq_artifact_path", "path", where="deleted IS NULL", unique=True),
)
"""A file that a run produced: one of each kind, the main one having its stage as `kind`. `path` is relative to the
store, with slashes. A row outlives its file, with the time at which that was deleted."""

thermal_result = _result_table(
    "thermal",
    _number("t_surf_max"),
    _number("t_surf_min"),
    _number("t_surf_mean"),
    _number("time_of_max"),
    _number("t_deep"),
    _number("days"),
    _number("periodicity_residual"),
    _number("energy_residual"),
    _number("flux_residual"),
    _number("error_time"),
    _number("error_grid"),
    _number("error_periodicity"),
    _number("error_streams"),
    _number("estimated_error"),
    _number("accuracy"),
    Column("accuracy_met", Boolean),
    _count("n_cells"),
    _count("n_steps"),
    _count("n_streams"),
    _number("wall_time"),
    _count("n_facets"),
    _number("t_facet_max"),
    _number("t_facet_min"),
    _number("t_facet_mean"),
    _number("facet_energy_residual"),
    _number("facet_periodicity_residual"),
    _number("facet_estimated_error"),
    _count("n_facet_cells"),
    _count("n_facet_steps"),
    _number("error_facets"),
)
"""The numbers of a thermal run: temperatures, residuals, errors and the accuracy asked for in K, times in s (of the
model's day, `wall_time` of the computer); the energy residual is relative. Those of facets are of a rough surface;
`error_facets` is the error of their number for observers, NULL of meshes."""

radiance_result = _result_table(
    "radiance",
    _count("n_bands"),
    _count("n_times"),
    _count("n_observers"),
    _count("n_channels"),
    _count("n_streams_out"),
    _number("tb_error_streams"),
    _number("tb_error_grid"),
    _number("tb_max"),
    _number("tb_min"),
    _number("bolometric_tb_max"),
    _number("bolometric_tb_min"),
    _number("bolometric_reflected_max"),
    _number("emissivity_min"),
    _number("emissivity_max"),
    _number("reference_temperature"),
    _number("christiansen_wavelength"),
    _number("transparency_depth"),
    _number("reststrahlen_depth"),
    _number("wall_time"),
    _number("rough_tb_max"),
    _number("rough_bolometric_tb_max"),
    _number("mixed_bolometric_tb_max"),
    _number("beaming_ratio"),
    _number("rough_tb_error_streams"),
    _number("rough_tb_error_grid"),
)
"""The numbers of a radiance run: brightness temperatures and their errors in K, the highest reflected sunlight in
W m⁻² sr⁻¹, `wall_time` in s; of the spectrum at the hottest time its extremes of emissivity, the temperature that they
refer to in K, the wavelength of the Christiansen feature in µm, and depths of features in emissivity. Of a rough
surface, and of ground that is rough in part (`mixed`), the highest brightness temperatures; `beaming_ratio` is its
thermal radiance at the hottest time over that of the flat surface."""

RESULT_TABLES = {"thermal": thermal_result, "radiance": radiance_result}
"""The result table of each stage, in the order of the stages."""

dataset = Table(
    "dataset",
    metadata,
    _id(),
    _text("name"),
    _reference("sweep_id", "sweep", nullable=True),
    _text("query"),
    _text("split"),
    Column("seed", BigInteger, nullable=False),
    _text("path"),
    _text("fingerprint", 64),
    _text("sha256", 64),
    Column("bytes", BigInteger, nullable=False),
    _count("n_samples", nullable=False),
    _count("n_excluded", nullable=False),
    _number("created", nullable=False),
    Index(None, "fingerprint"),
)
"""A built dataset: `query` and `split` are JSON, of what was asked for and of the policy that divided it."""

dataset_sample = Table(
    "dataset_sample",
    metadata,
    Column("dataset_id", Integer, ForeignKey("dataset.id"), primary_key=True),
    Column("sample_id", Integer, ForeignKey("sample.id"), primary_key=True),
    _text("split", 16),
    Index(None, "sample_id"),
)
"""Which part of a dataset a sample is in."""
