"""The SQL on which workers and users race, each statement with what it guarantees.

On SQLite every writing transaction has the file to itself (`BEGIN IMMEDIATE`), so a statement is as atomic as the
transaction around it. On PostgreSQL two transactions may stand at the same row: then the second waits, and looks
again whether the row still satisfies its WHERE. So each statement here names in its WHERE the state that it leaves, and
the lease that it relies on. Where several rows are waited for, they are locked in the order of their id, so that
nobody waits in a circle.

States are written into the text and not bound, since only then does a database see that a partial index applies.
"""

OPEN_SWEEPS = """
SELECT s.id FROM sweep s
WHERE s.state = 'active'
  AND (SELECT r.id FROM run r
       WHERE r.state = 'pending' AND r.sweep_id = s.id AND (r.not_before IS NULL OR r.not_before <= {now})
       ORDER BY r.losses, r.priority, r.id LIMIT 1) IS NOT NULL
ORDER BY s.priority, s.id
"""
"""The sweeps that have something to claim, first things first. One look into the index of pending runs for each: with
EXISTS in place of the first in order, PostgreSQL may look through the whole table for a sweep that has none."""

ACTIVE_SWEEP = "SELECT 1 FROM sweep WHERE id = :sweep_id AND state = 'active'"
"""Whether a sweep may be claimed from. It may be paused a moment later: heartbeat and reaping then see to it."""

CLAIM = """
WITH chosen AS MATERIALIZED (
    SELECT id FROM run
    WHERE state = 'pending' AND sweep_id = :sweep_id
      AND (not_before IS NULL OR not_before <= {now})
      AND (CAST(:stage AS TEXT) IS NULL OR stage = :stage)
    ORDER BY losses, priority, id
    LIMIT :limit
    {skip_locked}
)
UPDATE run SET state = 'running', worker_id = :worker_id, lease_token = :token,
               lease_until = {now} + :lease_s, not_before = NULL
FROM chosen
WHERE run.id = chosen.id
RETURNING run.id
"""
"""Each run goes to one worker: it is pending when it is chosen, locked from then on, and running afterwards. What
another worker has just locked is skipped, not waited for. MATERIALIZED keeps PostgreSQL from choosing again for every
row that it joins, and so from taking more than the limit. A run whose worker vanished comes after all others: should it
be the cause, they are done first, and should everything be killed again and again, it is not always the same runs that
are lost. The index of pending runs gives the rows in order: the cost
does not grow with the table, nor with other sweeps."""

BORROW = """
WITH chosen AS MATERIALIZED (
    SELECT r.id FROM shared_run h CROSS JOIN run r
    WHERE h.sweep_id = :sweep_id AND r.id = h.run_id AND r.sweep_id <> :sweep_id AND r.state = 'pending'
      AND (r.not_before IS NULL OR r.not_before <= {now})
      AND (CAST(:stage AS TEXT) IS NULL OR r.stage = :stage)
    ORDER BY r.losses, r.priority, r.id
    LIMIT :limit
    {skip_locked_runs}
)
UPDATE run SET sweep_id = :sweep_id, params = COALESCE(
    (SELECT MIN(s.params) FROM sample s WHERE s.thermal_run_id = run.id AND s.sweep_id = :sweep_id),
    (SELECT MIN(s.params) FROM sample s WHERE s.radiance_run_id = run.id AND s.sweep_id = :sweep_id))
FROM chosen
WHERE run.id = chosen.id AND run.state = 'pending'
RETURNING run.id
"""
"""A sweep whose own runs are all taken takes over pending ones that it shares with another, whose workers may not even
be at work. Still pending, they can be claimed once, by whoever comes first. (CROSS JOIN keeps SQLite from going through
all that is pending in other sweeps.)"""

OPEN_ATTEMPTS = """
INSERT INTO attempt (run_id, number, worker_id, environment_id, token, claimed)
SELECT r.id, 1 + COALESCE((SELECT MAX(a.number) FROM attempt a WHERE a.run_id = r.id), 0),
       w.id, w.environment_id, r.lease_token, {now}
FROM run r JOIN worker w ON w.id = r.worker_id
WHERE r.state = 'running' AND r.worker_id = :worker_id AND r.lease_token = :token
"""
"""Every claim has its attempt from the same transaction on, numbered without a gap: only the holder of a run's lease
adds one, and the pair (run, number) is unique."""

HELD = """
SELECT r.id AS run_id, r.stage, r.key, r.params, r.sweep_id, r.parent_id, p.key AS parent_key, f.path AS parent_path,
       (SELECT MAX(a.number) FROM attempt a WHERE a.run_id = r.id) AS attempt, r.lease_token AS token
FROM run r
JOIN sweep w ON w.id = r.sweep_id
LEFT JOIN run p ON p.id = r.parent_id
LEFT JOIN artifact f ON f.run_id = r.parent_id AND f.kind = p.stage AND f.deleted IS NULL
WHERE r.state = 'running' AND r.worker_id = :worker_id AND r.lease_token = :token
ORDER BY w.priority, w.id, r.losses, r.priority, r.id
"""
"""The runs that a token holds, in the order of the claim: also the answer of a claim whose reply was lost."""

START = """
UPDATE attempt SET started = {now}
WHERE run_id = :run_id AND token = :token AND outcome IS NULL
  AND EXISTS (SELECT 1 FROM run r WHERE r.id = :run_id AND r.lease_token = :token AND r.lease_until > {now})
"""
"""Marks that the computation begins: from here on the death of the worker counts against the run. No row: the run was
given to someone else, or will be at any moment."""

HEARTBEAT = """
WITH mine AS MATERIALIZED (
    SELECT id FROM run WHERE state = 'running' AND worker_id = :worker_id ORDER BY id {wait_locked}
)
UPDATE run SET lease_until = {now} + :lease_s
FROM mine
WHERE run.id = mine.id AND run.state = 'running' AND run.worker_id = :worker_id
RETURNING run.id, run.lease_token, (SELECT s.state FROM sweep s WHERE s.id = run.sweep_id) AS sweep_state
"""
"""Renews what the worker holds, and says what that is. A lease that ran out but was not reaped is renewed, too: nobody
else has the run, and a laptop that slept should not lose its work."""

WORKER_SEEN = "UPDATE worker SET heartbeat = {now}, state = 'alive' WHERE id = :worker_id RETURNING stop_requested"
"""The worker lives, even where others thought it lost; and what it was asked."""

RECORD_DONE = """
UPDATE run SET state = 'done', attempts = attempts + 1, not_before = NULL,
               worker_id = NULL, lease_token = NULL, lease_until = NULL
WHERE id = :run_id AND state = 'running' AND lease_token = :token AND lease_until > {now}
"""
"""The fence: a result is recorded by the holder of a live lease, or by nobody. From this statement to the end of its
transaction nobody can reap the run."""

LEAVE = """
UPDATE run SET state = CASE WHEN :state = 'pending'
                             AND (SELECT s.state FROM sweep s WHERE s.id = run.sweep_id) = 'cancelled'
                            THEN 'cancelled' ELSE :state END,
               attempts = attempts + :attempts, losses = losses + :losses, not_before = {now} + :delay_s,
               worker_id = NULL, lease_token = NULL, lease_until = NULL
WHERE id = :run_id AND state = 'running' AND lease_token = :token
RETURNING state
"""
"""A run leaves its worker without a result: whoever does this, holder or reaper, does it once, since the token is gone
afterwards. What would be pending in a cancelled sweep is cancelled."""

CLOSE_ATTEMPT = """
UPDATE attempt SET outcome = :outcome, finished = {now}, duration = {now} - COALESCE(started, claimed),
                   error_type = :error_type, message = :message, traceback = :traceback
WHERE run_id = :run_id AND token = :token AND outcome IS NULL
"""
"""An attempt ends once; only in the transaction in which its run left the worker."""

UNBLOCK = "UPDATE run SET state = 'pending' WHERE parent_id = :run_id AND state = 'blocked'"
"""What waited for this run can be claimed once its transaction is committed, its file being there."""

OVERDUE = """
SELECT 1 FROM run r WHERE r.state = 'running' AND r.lease_until < {now}
UNION ALL
SELECT 1 FROM worker w WHERE w.state = 'alive' AND w.heartbeat < {now} - :silence_s
LIMIT 1
"""
"""Whether there is anything to reap: a look, so that whoever asks in vain keeps no writer waiting."""

EXPIRED = """
SELECT r.id AS run_id, r.lease_token AS token, r.losses, a.started
FROM run r JOIN attempt a ON a.run_id = r.id AND a.token = r.lease_token AND a.outcome IS NULL
WHERE r.state = 'running' AND r.lease_until < {now}
ORDER BY r.lease_until
LIMIT :limit
{skip_locked_runs}
"""
"""Runs whose lease ran out, the oldest first. One whose holder is just renewing or recording it is locked, and skipped;
once locked here it cannot be renewed, so that the token and the expiry are still those when it is taken back."""

UNFINISHED_ON = """
SELECT id, pid, name FROM worker WHERE host = :host AND state = 'alive'
UNION
SELECT w.id, w.pid, w.name FROM run r JOIN worker w ON w.id = r.worker_id WHERE r.state = 'running' AND w.host = :host
"""
"""Workers of a machine that may still do something, or whose runs nobody has taken back."""

HELD_BY = """
SELECT r.id AS run_id, r.lease_token AS token, r.losses, a.started
FROM run r JOIN attempt a ON a.run_id = r.id AND a.token = r.lease_token AND a.outcome IS NULL
WHERE r.state = 'running' AND r.worker_id = :worker_id
ORDER BY r.id
{skip_locked_runs}
"""
"""Runs of a worker that is known to be dead: nobody has to wait for their leases."""

SILENT_WORKERS = """
UPDATE worker SET state = 'lost' WHERE state = 'alive' AND heartbeat < {now} - :silence_s
"""
"""Workers that have not been heard of for long. They may come back: their next heartbeat says so."""

RECORDED = "SELECT 1 FROM attempt WHERE run_id = :run_id AND token = :token AND outcome = 'done'"
"""Whether a result was committed, for a worker that heard no answer."""

REVIVE = """
UPDATE run SET state = CASE WHEN parent_id IS NULL
                              OR (SELECT p.state FROM run p WHERE p.id = run.parent_id) = 'done'
                            THEN 'pending' ELSE 'blocked' END,
               attempts = 0, losses = 0, not_before = NULL
WHERE state = 'cancelled' AND sweep_id = :sweep_id
  AND (EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = run.id)
       OR EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = run.id))
"""
"""The cancelled runs of a sweep that is active again wait once more, for a worker or for their parent; but not those
that no sample needs any more, being of an older solver."""

ADOPT = """
WITH chosen AS MATERIALIZED (
    SELECT r.id FROM run r
    WHERE r.id IN (SELECT h.run_id FROM shared_run h WHERE h.sweep_id = :sweep_id)
      AND r.state <> 'done' AND r.sweep_id IN (SELECT w.id FROM sweep w WHERE w.state <> 'active')
    ORDER BY r.id
    {wait_locked_runs}
)
UPDATE run SET sweep_id = :sweep_id, params = COALESCE(
    (SELECT MIN(s.params) FROM sample s WHERE s.thermal_run_id = run.id AND s.sweep_id = :sweep_id),
    (SELECT MIN(s.params) FROM sample s WHERE s.radiance_run_id = run.id AND s.sweep_id = :sweep_id))
FROM chosen
WHERE run.id = chosen.id
"""
"""An active sweep becomes the owner of each unfinished run that it needs and whose owner is not active: paused and
cancelled sweeps hold up nobody else."""

LEAVE_TO_OTHERS = """
WITH heir AS MATERIALIZED (
    SELECT r.id AS run_id,
           (SELECT MIN(h.sweep_id) FROM shared_run h JOIN sweep w ON w.id = h.sweep_id AND w.state = 'active'
            WHERE h.run_id = r.id AND h.sweep_id <> :sweep_id) AS sweep_id
    FROM run r
    WHERE r.id IN (SELECT h.run_id FROM shared_run h WHERE h.sweep_id = :sweep_id)
      AND r.sweep_id = :sweep_id AND r.state <> 'done'
    ORDER BY r.id
    {wait_locked_runs}
)
UPDATE run SET sweep_id = heir.sweep_id, params = COALESCE(
    (SELECT MIN(s.params) FROM sample s WHERE s.thermal_run_id = run.id AND s.sweep_id = heir.sweep_id),
    (SELECT MIN(s.params) FROM sample s WHERE s.radiance_run_id = run.id AND s.sweep_id = heir.sweep_id))
FROM heir
WHERE run.id = heir.run_id AND heir.sweep_id IS NOT NULL
"""
"""The unfinished runs of a sweep that is being paused or cancelled go to the active sweeps that need them as well."""

CANCEL_SOME = """
WITH chosen AS MATERIALIZED (
    SELECT id FROM run WHERE state IN ('pending', 'blocked') AND sweep_id = :sweep_id LIMIT :limit {wait_locked}
)
UPDATE run SET state = 'cancelled', not_before = NULL
FROM chosen
WHERE run.id = chosen.id AND run.state IN ('pending', 'blocked')
  AND EXISTS (SELECT 1 FROM sweep s WHERE s.id = :sweep_id AND s.state = 'cancelled')
RETURNING run.id
"""
"""Cancels a few of a sweep's waiting runs. One statement over a million rows would keep every worker waiting for
seconds. A sweep that was made active again in between is left alone."""

HOLD_PARENTS = """
SELECT r.id FROM run r
WHERE r.state <> 'done' AND r.id <= :newest
  AND r.id IN (SELECT c.parent_id FROM run c WHERE c.state = 'blocked' AND c.sweep_id = :sweep_id)
ORDER BY r.id
{share_locked_runs}
"""
"""Needed on PostgreSQL before blocked runs are committed whose parents others can see (up to the id `newest`): a parent
that is being recorded at this moment would not see them, and never unblock them. Whoever records one is waited for, or
waits and then sees them."""

UNBLOCK_READY = """
UPDATE run SET state = 'pending'
WHERE state = 'blocked' AND sweep_id = :sweep_id
  AND parent_id IN (SELECT p.id FROM run p WHERE p.id = run.parent_id AND p.state = 'done')
"""
"""After `HOLD_PARENTS`: those whose parent was just recorded."""

RETRY_SOME = """
WITH chosen AS MATERIALIZED (
    SELECT r.id FROM run r
    WHERE r.state = 'failed' AND r.id > :after
      AND r.sweep_id NOT IN (SELECT w.id FROM sweep w WHERE w.state = 'cancelled')
      AND (CAST(:sweep_id AS INTEGER) IS NULL OR r.sweep_id = :sweep_id
           OR EXISTS (SELECT 1 FROM shared_run h WHERE h.sweep_id = :sweep_id AND h.run_id = r.id))
      AND (CAST(:stage AS TEXT) IS NULL OR r.stage = :stage)
      AND (CAST(:pattern AS TEXT) IS NULL OR EXISTS (
           SELECT 1 FROM attempt a
           WHERE a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
             AND LOWER(a.error_type || ': ' || a.message) LIKE LOWER(:pattern) ESCAPE '!'))
    ORDER BY r.id
    LIMIT :limit
    {wait_locked_runs}
)
UPDATE run SET state = 'pending', attempts = 0, losses = 0, not_before = NULL
FROM chosen
WHERE run.id = chosen.id AND run.state = 'failed'
RETURNING run.id
"""
"""Failed runs wait once more, with a clean slate; a run that failed had its parent, so none has to be blocked. In a
cancelled sweep they would wait for nobody."""

HOLD_FAMILY = """
SELECT r.id FROM run r
WHERE r.id = :run_id OR r.parent_id = :run_id OR r.id = (SELECT c.parent_id FROM run c WHERE c.id = :run_id)
ORDER BY r.id
{wait_locked_runs}
"""
"""Before a run is repaired: until that is committed, nobody claims, records or takes back this run, the one that it
builds on or those that build on it. Whoever is at it is waited for, and the next statement sees what came of it."""

COMPUTE_AGAIN = """
UPDATE run SET state = CASE
        WHEN (SELECT w.state FROM sweep w WHERE w.id = run.sweep_id) = 'cancelled'
          OR NOT (EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = run.id)
                  OR EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = run.id)) THEN 'cancelled'
        WHEN parent_id IS NOT NULL AND (SELECT p.state FROM run p WHERE p.id = run.parent_id) <> 'done' THEN 'blocked'
        ELSE 'pending' END,
    attempts = 0, losses = 0, not_before = NULL
WHERE id = :run_id AND state = 'done'
  AND COALESCE((SELECT f.id FROM artifact f
                WHERE f.run_id = run.id AND f.kind = run.stage AND f.deleted IS NULL), 0) = :artifact_id
  AND NOT EXISTS (SELECT 1 FROM run c WHERE c.parent_id = run.id AND c.state = 'running')
RETURNING state
"""
"""After `HOLD_FAMILY`: a run that is done without a whole result waits once more; but only if the result that was
looked at is still the one recorded, and nobody computes from it at this moment. One that no sample needs, being of an
older solver, is never computed again: this one would give it other numbers."""

BLOCK_DEPENDANTS = """
UPDATE run SET state = CASE WHEN (SELECT w.state FROM sweep w WHERE w.id = run.sweep_id) = 'cancelled'
                            THEN 'cancelled' ELSE 'blocked' END,
               attempts = 0, losses = 0, not_before = NULL
WHERE state IN ('pending', 'failed') AND (parent_id = :run_id OR id = :run_id)
  AND (SELECT p.state FROM run p WHERE p.id = run.parent_id) <> 'done'
"""
"""After `HOLD_FAMILY`: what would be computed from a run that is not done waits for it, be it this run or one that
builds on it. What failed may have failed since its input was damaged. What is done stays so."""

UNBLOCK_REPAIRED = """
UPDATE run SET state = 'pending'
WHERE id = :run_id AND state = 'blocked' AND (SELECT p.state FROM run p WHERE p.id = run.parent_id) = 'done'
"""
"""After `HOLD_FAMILY`."""

FORGET_FILES = """
UPDATE artifact SET deleted = {now}
WHERE run_id = :run_id AND deleted IS NULL AND (SELECT r.state FROM run r WHERE r.id = :run_id) <> 'done'
"""
"""After `HOLD_FAMILY`: a run that is not done has no file."""

FREE_UNATTENDED = """
UPDATE run SET state = 'pending', worker_id = NULL, lease_token = NULL, lease_until = NULL
WHERE id = :run_id AND state = 'running' AND lease_token = :token AND lease_until < {now}
  AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.run_id = run.id AND a.token = :token AND a.outcome IS NULL)
"""
"""A lease that nobody renews and that reaping passes over, since it has no attempt."""

CLOSE_LEFT_OPEN = """
UPDATE attempt SET outcome = 'lost', finished = {now}, duration = {now} - COALESCE(started, claimed),
                   error_type = 'WorkerLost', message = 'the end of this attempt was not recorded'
WHERE id = :attempt_id AND outcome IS NULL
  AND NOT EXISTS (SELECT 1 FROM run r WHERE r.id = attempt.run_id AND r.lease_token = attempt.token)
"""
"""An attempt whose run is no longer held under its token."""

HOLD_BY_KEY = "SELECT r.id, r.state FROM run r WHERE r.key = :key {wait_locked_runs}"
"""Whoever would record this run, and so give a file its name, waits until the transaction has ended."""

RETIRE = """
UPDATE run SET state = 'cancelled'
WHERE id = :run_id AND state = 'done'
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = run.id)
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = run.id)
  AND NOT EXISTS (SELECT 1 FROM run c WHERE c.parent_id = run.id AND c.state IN ('pending', 'running'))
RETURNING id
"""
"""After `HOLD_FAMILY`, and while nobody submits: a result that no sample refers to is given up. Should a sample ever
refer to it again, the run is revived as any that was cancelled."""

TAKE_IN_DONE = """
UPDATE run SET state = 'done', attempts = :attempts, losses = :losses, not_before = NULL
WHERE key = :key AND state IN ('blocked', 'pending', 'failed', 'cancelled')
RETURNING id
"""
"""A result from another registry is recorded where there is none and nobody computes one. From here to the end of its
transaction nobody can claim the run."""

TAKE_IN_FAILED = """
UPDATE run SET state = 'failed', attempts = :attempts, losses = :losses, not_before = NULL
WHERE key = :key AND state = 'pending' AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.run_id = run.id)
RETURNING id
"""
"""A run that failed elsewhere failed, as long as it was not tried here."""
