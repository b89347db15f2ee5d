"""What people ask of a registry: canned queries of datasette, each with a title, a sentence and parameters.

They read the tables, not the views, where there may be many rows. A parameter that is left empty means all, or as many
as a page shows. Columns named `sample_id`, `run_id` and `sweep` become links.
"""

from dataclasses import dataclass

MANY = "LIMIT CASE WHEN :limit = '' THEN 50 ELSE CAST(:limit AS INTEGER) END"
OF_SWEEP = "(:sweep = '' OR w.name = :sweep)"


@dataclass(frozen=True)
class Question:
    """A canned query: its title, what it answers, and its SQL, whose parameters datasette asks for."""

    title: str
    answer: str
    sql: str

    @property
    def statement(self) -> str:
        """The SQL as it is executed."""
        return self.sql.strip().replace("{of_sweep}", OF_SWEEP).replace("{many}", MANY)


EXTREME = """
SELECT w.name AS sweep, s.sample_index, s.id AS sample_id, n.{column}, n.run_id, s.params
FROM thermal_result n JOIN sample s ON s.thermal_run_id = n.run_id JOIN sweep w ON w.id = s.sweep_id
WHERE {of_sweep} AND n.{column} IS NOT NULL
ORDER BY n.{column} {direction} {many}"""


def _extreme(column: str, direction: str) -> str:
    return EXTREME.replace("{column}", column).replace("{direction}", direction)


QUESTIONS = {
    "hottest": Question(
        "Hottest samples",
        "The highest surface temperatures [K], of one sweep or of all.",
        _extreme("t_surf_max", "DESC"),
    ),
    "coldest": Question(
        "Coldest samples",
        "The lowest surface temperatures [K], of one sweep or of all.",
        _extreme("t_surf_min", "ASC"),
    ),
    "failed_by_cause": Question(
        "Failures by cause",
        "Which errors there were, how often, and one run of each as an example.",
        """
SELECT w.name AS sweep, r.stage, a.error_type, a.message, COUNT(*) AS runs, MIN(r.id) AS run_id
FROM run r JOIN sweep w ON w.id = r.sweep_id
JOIN attempt a ON a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
WHERE r.state = 'failed' AND {of_sweep}
GROUP BY w.name, r.stage, a.error_type, a.message ORDER BY runs DESC {many}""",
    ),
    "failed": Question(
        "Failed runs",
        "Runs that failed, those of late first; the page of a run has its traceback.",
        """
SELECT r.id AS run_id, w.name AS sweep, r.stage, a.error_type, a.message, r.attempts, r.losses,
       datetime(a.finished, 'unixepoch') AS finished_utc, k.host, r.params
FROM run r JOIN sweep w ON w.id = r.sweep_id
JOIN attempt a ON a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
JOIN worker k ON k.id = a.worker_id
WHERE r.state = 'failed' AND {of_sweep} ORDER BY a.finished DESC {many}""",
    ),
    "slowest": Question(
        "Slowest runs",
        "The runs whose computation took longest [s].",
        """
SELECT r.id AS run_id, w.name AS sweep, r.stage, a.duration AS seconds, k.host, a.outcome, r.params
FROM attempt a JOIN run r ON r.id = a.run_id JOIN sweep w ON w.id = r.sweep_id JOIN worker k ON k.id = a.worker_id
WHERE a.duration IS NOT NULL AND {of_sweep} ORDER BY a.duration DESC {many}""",
    ),
    "not_converged": Question(
        "Not accurate enough",
        "Samples whose estimated error [K] is above the accuracy that was asked for [K], the worst first.",
        """
SELECT w.name AS sweep, s.sample_index, s.id AS sample_id, n.estimated_error, n.accuracy, n.periodicity_residual,
       n.energy_residual, n.n_cells, n.n_steps, n.run_id
FROM thermal_result n JOIN sample s ON s.thermal_run_id = n.run_id JOIN sweep w ON w.id = s.sweep_id
WHERE NOT n.accuracy_met AND {of_sweep} ORDER BY n.estimated_error / n.accuracy DESC {many}""",
    ),
    "error_against_parameter": Question(
        "Error against a parameter",
        "Mean and largest estimated error [K] for each value of a parameter, such as latitude or k_dust; or, of many"
        " values, for parts of its range with as many samples each.",
        """
WITH found AS (
  SELECT json_extract(s.params, '$."' || :parameter || '"') AS value, n.estimated_error, n.wall_time
  FROM sample s JOIN thermal_result n ON n.run_id = s.thermal_run_id JOIN sweep w ON w.id = s.sweep_id
  WHERE {of_sweep} AND :parameter <> '' AND instr(:parameter, '"') = 0 AND value IS NOT NULL
), parted AS (
  SELECT *, CASE WHEN (SELECT COUNT(DISTINCT value) FROM found) > 24 THEN NTILE(12) OVER (ORDER BY value) ELSE value
            END AS part FROM found
)
SELECT MIN(value) AS value_from, MAX(value) AS value_to, COUNT(*) AS samples, AVG(estimated_error) AS mean_error,
       MAX(estimated_error) AS largest_error, AVG(wall_time) AS mean_seconds
FROM parted GROUP BY part ORDER BY value_from""",
    ),
    "deepest_features": Question(
        "Strongest reststrahlen bands",
        "Samples by the depth of their reststrahlen feature, in emissivity, with the Christiansen wavelength [µm].",
        """
SELECT w.name AS sweep, s.sample_index, s.id AS sample_id, n.reststrahlen_depth, n.christiansen_wavelength,
       n.transparency_depth, n.emissivity_min, n.emissivity_max, n.run_id, s.params
FROM radiance_result n JOIN sample s ON s.radiance_run_id = n.run_id JOIN sweep w ON w.id = s.sweep_id
WHERE n.reststrahlen_depth IS NOT NULL AND {of_sweep} ORDER BY n.reststrahlen_depth DESC {many}""",
    ),
    "runs_of_config": Question(
        "Runs of a base config",
        "How many runs each sweep of a config has in which state; the config by its name, or a body.",
        """
SELECT c.name AS config, c.body, w.name AS sweep, r.stage, r.state, COUNT(*) AS runs
FROM run r JOIN sweep w ON w.id = r.sweep_id JOIN config c ON c.id = w.config_id
WHERE :config = '' OR c.name = :config OR c.body = :config
GROUP BY c.name, c.body, w.name, r.stage, r.state ORDER BY c.name, w.name, r.stage""",
    ),
    "disk_by_sweep": Question(
        "Disk by sweep",
        "How many files and bytes [B] each sweep has, by stage.",
        """
SELECT w.name AS sweep, f.kind, COUNT(*) AS files, SUM(f.bytes) AS bytes, AVG(f.bytes) AS mean_bytes
FROM artifact f JOIN run r ON r.id = f.run_id JOIN sweep w ON w.id = r.sweep_id
WHERE f.deleted IS NULL GROUP BY w.name, f.kind ORDER BY bytes DESC""",
    ),
    "throughput": Question(
        "Throughput by hour",
        "How many runs were finished in every hour, how many failed, and how long one took [s].",
        """
SELECT strftime('%Y-%m-%d %H:00', a.finished, 'unixepoch') AS hour_utc, SUM(a.outcome = 'done') AS done,
       SUM(a.outcome = 'failed') AS failed, SUM(a.outcome = 'lost') AS lost, AVG(a.duration) AS mean_seconds
FROM attempt a WHERE a.finished IS NOT NULL GROUP BY hour_utc ORDER BY hour_utc DESC LIMIT 500""",
    ),
    "hosts": Question(
        "Work by computer",
        "What each computer has computed: runs, failures, losses, and the mean time of a run [s].",
        """
SELECT k.host, COUNT(DISTINCT k.id) AS workers, SUM(a.outcome = 'done') AS done, SUM(a.outcome = 'failed') AS failed,
       SUM(a.outcome = 'lost') AS lost, AVG(a.duration) AS mean_seconds, SUM(a.duration) / 3600.0 AS hours
FROM attempt a JOIN worker k ON k.id = a.worker_id GROUP BY k.host ORDER BY done DESC""",
    ),
    "lost": Question(
        "Lost runs",
        "Runs whose worker vanished, and those that wait because of it.",
        """
SELECT r.id AS run_id, w.name AS sweep, r.stage, r.state, r.losses, r.attempts, r.params
FROM run r JOIN sweep w ON w.id = r.sweep_id WHERE r.losses > 0 AND {of_sweep} ORDER BY r.losses DESC {many}""",
    ),
    "waiting": Question(
        "What is next",
        "Runs that are being computed or wait for a worker, in the order in which they are taken.",
        """
SELECT r.id AS run_id, w.name AS sweep, r.stage, r.state, r.priority, k.host, r.params
FROM run r JOIN sweep w ON w.id = r.sweep_id LEFT JOIN worker k ON k.id = r.worker_id
WHERE r.state IN ('running', 'pending') AND {of_sweep}
ORDER BY r.state DESC, w.priority, r.losses, r.priority, r.id {many}""",
    ),
    "find_sample": Question(
        "Find a sample",
        "Samples whose parameter is nearest to a value, for instance latitude and 0.5 (in SI units and radians).",
        """
SELECT w.name AS sweep, s.sample_index, s.id AS sample_id, json_extract(s.params, '$."' || :parameter || '"') AS value,
       n.t_surf_max, n.t_surf_min, s.params
FROM sample s JOIN sweep w ON w.id = s.sweep_id LEFT JOIN thermal_result n ON n.run_id = s.thermal_run_id
WHERE {of_sweep} AND :parameter <> '' AND instr(:parameter, '"') = 0 AND value IS NOT NULL
ORDER BY abs(value - CAST(:value AS REAL)) {many}""",
    ),
}
"""By their names in the address."""
