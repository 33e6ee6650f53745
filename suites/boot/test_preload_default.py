"""Preload is for those who ask for it ("Configuration reference")."""

from __future__ import annotations

from queueproof.case import Inconclusive, expect_that, requirement
from queueproof.running.launch import Launch

#: The same start as SETT-018's.
_SPELT = {
    "LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED": "0",
    "LANGFLOW_AUTO_LOGIN": "FALSE",
    "LANGFLOW_DATABASE_URL": "sqlite:///{data}/own.db",
    "LANGFLOW_GUNICORN_PRELOAD": None,
    "GUNICORN_CMD_ARGS": "--max-requests 10 --max-requests-jitter 10000000",
}
_LINES = (
    "[preload] initializing services in master",
    "[preload] master preload complete",
)


@requirement("BOOT-010")
async def test_without_the_setting_nothing_is_preloaded(launch: Launch) -> None:
    """A start without LANGFLOW_GUNICORN_PRELOAD prints none of the lines that confirm it."""
    boot = (await launch.shared(_SPELT, workers=1)).boot

    if not boot.output.strip():
        raise Inconclusive("the start printed nothing at all")
    printed = [line for line in _LINES if line in boot.output]

    expect_that(
        not printed,
        expected="no preload without LANGFLOW_GUNICORN_PRELOAD",
        actual=f"the output has {printed[0]!r}" if printed else "",
    )
