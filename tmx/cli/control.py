"""`tmx pause`, `cancel`, `retry` and `priority`: what may be done to a submitted sweep."""

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import (
    echo_outcome,
    examples,
    json_option,
    opened,
    registry_option,
)


@click.command()
@click.argument("sweep", type=SWEEP)
@json_option
@registry_option
def pause(sweep: str, as_json: bool, db: str) -> None:
    """Let nothing more of a sweep begin, until `tmx resume`."""
    from tmx.registry import control

    registry, _ = opened(db)
    with registry:
        with registry.read() as conn:
            sweep_id = control.sweep_id_of(conn, sweep)
        control.pause(registry, sweep_id)
    facts = {"sweep": sweep, "state": "paused"}
    echo_outcome(as_json, facts, f"sweep {sweep} is paused; `tmx resume {sweep}` goes on")


@click.command()
@click.argument("sweep", type=SWEEP)
@json_option
@registry_option
def cancel(sweep: str, as_json: bool, db: str) -> None:
    """Cancel what is left of a sweep; what is done stays."""
    from tmx.registry import control

    registry, _ = opened(db)
    with registry:
        with registry.read() as conn:
            sweep_id = control.sweep_id_of(conn, sweep)
        cancelled = control.cancel(registry, sweep_id)
    facts = {"sweep": sweep, "state": "cancelled", "cancelled": cancelled}
    echo_outcome(as_json, facts, f"sweep {sweep}: {cancelled} runs cancelled; `tmx resume {sweep}` takes it up again")


@click.command(
    epilog=examples(
        "tmx retry",
        "tmx retry moon --error RunTimeout",
    )
)
@click.argument("sweep", type=SWEEP, required=False)
@click.option("--failed", is_flag=True, help="For clarity: it is failed runs that are retried.")
@click.option("--stage", type=click.Choice(["thermal", "radiance"]), help="Only runs of this stage.")
@click.option("--error", metavar="TEXT", help="Only runs whose last error holds this text.")
@json_option
@registry_option
def retry(sweep: str | None, failed: bool, stage: str | None, error: str | None, as_json: bool, db: str) -> None:
    """Put failed runs back to pending; of all sweeps, or of one."""
    from tmx.registry import control

    registry, _ = opened(db)
    with registry:
        sweep_id = None
        if sweep is not None:
            with registry.read() as conn:
                sweep_id = control.sweep_id_of(conn, sweep)
        count = control.retry(registry, sweep_id, stage=stage, error=error)
    facts = {"sweep": sweep, "pending_again": count}
    echo_outcome(as_json, facts, f"{count} failed runs are pending again; `tmx work` computes them")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("sweep", type=SWEEP)
@click.argument("number", type=int)
@json_option
@registry_option
def priority(sweep: str, number: int, as_json: bool, db: str) -> None:
    """Say when a sweep's turn is: those with small numbers come first, of equals the older one. All begin with 0."""
    from tmx.registry import control

    registry, _ = opened(db)
    with registry:
        with registry.read() as conn:
            sweep_id = control.sweep_id_of(conn, sweep)
        control.set_priority(registry, sweep_id, number)
    echo_outcome(as_json, {"sweep": sweep, "priority": number}, f"sweep {sweep} has priority {number}")
