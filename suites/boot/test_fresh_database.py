"""Starting with several workers, as documented and otherwise
("Example: multi-worker Docker Compose", "Enable the Redis job queue").
"""

from __future__ import annotations

from queueproof.case import Inconclusive, eventually, expect_that, requirement, throughout
from queueproof.processes.process_view import ProcessView
from queueproof.running.launch import Launch, Settings
from queueproof.stack.launcher import Boot

WORKERS = 3
STEADY_S = 1.5
#: SETT-016 starts the same target.
OPEN_DOOR = {"LANGFLOW_GUNICORN_PRELOAD": "true", "LANGFLOW_AUTO_LOGIN": "True"}
CONFIRMING = (
    "[preload] initializing services in master",
    "[preload] master preload complete; workers will inherit shared state via COW",
    "Launching Langflow",
)
FRESH = {
    "LANGFLOW_DATABASE_URL": "sqlite:///{data}/fresh.db",
    "LANGFLOW_CONFIG_DIR": "{data}/fresh",
    "LANGFLOW_WORKERS": str(WORKERS),
}
#: The document's Compose file, with SQLite for its PostgreSQL.
COMPOSE: Settings = FRESH | {
    "LANGFLOW_GUNICORN_PRELOAD": "true",
    "LANGFLOW_JOB_QUEUE_TYPE": "redis",
    "LANGFLOW_REDIS_QUEUE_URL": "redis://127.0.0.1:{redis_port}/1",
    "LANGFLOW_SUPERUSER": "admin",
    "LANGFLOW_SUPERUSER_PASSWORD": "changeme",
    "LANGFLOW_AUTO_LOGIN": "False",
}


@requirement("BOOT-006")
async def test_a_preload_boot_prints_the_lines_that_confirm_it(launch: Launch) -> None:
    """The output carries the three lines of the document."""
    boot = (await launch.shared(OPEN_DOOR, workers=1)).boot

    async def missing() -> list[str]:
        return [line for line in CONFIRMING if line not in boot.output]

    lacking, printed = await eventually(missing, lambda lines: not lines, within_s=5.0)

    expect_that(
        printed,
        expected="the output confirms the preload: " + " · ".join(CONFIRMING),
        actual="missing: " + " · ".join(lacking),
    )


@requirement("BOOT-007")
async def test_the_documented_compose_settings_boot_on_a_fresh_database(launch: Launch) -> None:
    """Preload, no automatic login, three workers, a database that does not exist yet."""
    boot = await launch.attempt(COMPOSE)

    await expect_to_serve(boot, "the document's Compose settings boot on a fresh database")


@requirement("BOOT-008")
async def test_several_workers_boot_on_a_fresh_sqlite_database(launch: Launch) -> None:
    """Without preload three workers meet a database that does not exist yet."""
    boot = await launch.attempt(FRESH | {"LANGFLOW_GUNICORN_PRELOAD": "false"})

    await expect_to_serve(boot, f"{WORKERS} workers boot on a fresh SQLite database")


async def expect_to_serve(boot: Boot, expected: str) -> None:
    """The start serves with as many workers as set, and these stay."""
    if not boot.serving and boot.child.exit_code is None:
        raise Inconclusive(f"the start is not over after {boot.took_s:.0f} s: {boot.last_lines}")

    async def workers() -> frozenset[int]:
        return ProcessView(boot.child.pid).serving()

    within_s = 5.0 if boot.serving else 0.0
    began, all_run = await eventually(workers, lambda now: len(now) == WORKERS, within_s=within_s)
    last, steady = await throughout(workers, lambda now: now == began, for_s=STEADY_S)
    how = f"{len(last & began)} of {WORKERS} workers serve and stay" if boot.serving else "it ends"
    expect_that(
        boot.serving and all_run and steady,
        expected=expected,
        actual=f"{how}: {boot.last_lines}",
    )
