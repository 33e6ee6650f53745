"""A start without a usable Redis ends with an error that says so ("Prerequisites")."""

from __future__ import annotations

from queueproof.case import Inconclusive, expect_that, requirement
from queueproof.case_helpers.boot_expectations import Report, expect_start, report
from queueproof.running.launch import Launch
from queueproof.stack.old_redis import NEW_MAJOR, OLD_MAJOR, pretending_version
from queueproof.stack.ports import free_port

URL = "LANGFLOW_REDIS_QUEUE_URL"
#: Redis, its version, and that it will not do.
TOO_OLD = report(
    r"redis",
    r"\bversions?\b|_version\b|\b[56](\.\d+)*\b",
    r"\b(requires?|required|must|at least|or (later|newer|above|higher)|older|too old|minimum"
    r"|unsupported|not supported|upgrade|needs?|needed|below|less than)\b|>=",
)


def unreachable(port: int) -> Report:
    """Redis, where it should be, and that it is not there."""
    return report(
        r"redis",
        rf"\b{port}\b",
        r"\b(connect\w*|reach\w*|unreachable|refused|timed? ?out|timeout|cannot|can't|could not"
        r"|unavailable|fail\w*|error)\b|connectionerror",
    )


@requirement("BOOT-002")
async def test_a_redis_that_cannot_be_reached_is_a_clear_error_at_start(launch: Launch) -> None:
    """With nobody at the queue's port the start fails and names Redis and the port."""
    port = free_port()

    boot = await launch.attempt({URL: f"redis://127.0.0.1:{port}/1"})

    expect_start(boot, usual=[await launch.usual()]).to_be_refused_clearly(
        expected=f"the start fails and says that Redis at port {port} cannot be reached",
        report=unreachable(port),
    )


@requirement("BOOT-003")
async def test_a_redis_older_than_6_is_a_clear_error_at_start(launch: Launch) -> None:
    """With a server that calls itself Redis 5 the start fails and names Redis and its version."""
    real = await launch.redis()
    async with pretending_version(real.port, major=OLD_MAJOR) as old:
        boot = await launch.attempt({URL: f"redis://127.0.0.1:{old.port}/1"}, redis=real)

        expect_start(boot, usual=[await launch.usual()]).to_be_refused_clearly(
            expected="the start fails and says that Redis is of a version older than 6",
            report=TOO_OLD,
        )


@requirement("BOOT-003")
async def test_a_redis_of_a_version_of_two_digits_is_not_too_old(launch: Launch) -> None:
    """With a server that calls itself Redis 10, which is later than 6, the target serves."""
    real = await launch.redis()
    async with pretending_version(real.port, major=NEW_MAJOR) as new:
        boot = await launch.attempt(
            {URL: f"redis://127.0.0.1:{new.port}/1", "LANGFLOW_WORKERS": "1"}, redis=real
        )

        if not (boot.serving or boot.refused):
            raise Inconclusive(f"the start came to no end: {boot.last_lines}")
        expect_that(
            boot.serving,
            expected=f"a start with a Redis that calls itself {NEW_MAJOR}",
            actual=f"it is refused: {boot.last_lines}",
        )
