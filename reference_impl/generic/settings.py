"""The settings of the generic reference, from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Seconds, unless a name says otherwise.

    users     tokens and whose they are; without any, everybody is welcome
    fronts    how many processes take requests at one address
    slots     how many jobs one worker runs at the same time
    lease_s   a worker that is silent for so long has lost its jobs
    kept_s    how long a job and its events are kept
    pause_s   between two runs of a job that is retried
    children  whether each run of a job has a process of its own
    prefix    of all keys: queues with different ones share nothing but their Redis
    """

    redis_url: str
    users: Mapping[str, str]
    fronts: int
    slots: int
    lease_s: float
    kept_s: int
    pause_s: float
    children: bool
    prefix: str


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment holds; ValueError for one that is no number."""
    pairs = [
        (pair.partition("=")[0], pair.partition("=")[2])
        for pair in environ.get("JOBS_USERS", "").split(",")
        if "=" in pair
    ]
    return Settings(
        redis_url=environ.get("JOBS_REDIS_URL", "redis://127.0.0.1:6379"),
        users=dict(pairs),
        fronts=int(environ.get("JOBS_FRONTS", "1")),
        slots=int(environ.get("JOBS_SLOTS", "16")),
        lease_s=float(environ.get("JOBS_LEASE_S", "3")),
        kept_s=int(environ.get("JOBS_KEPT_S", "3600")),
        pause_s=float(environ.get("JOBS_RETRY_PAUSE_S", "0.5")),
        children=environ.get("JOBS_CHILDREN", "") == "1",
        prefix=environ.get("JOBS_PREFIX", ""),
    )
