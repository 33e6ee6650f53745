"""Settings from the environment, checked before anything heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reference_impl.common.setting_readers import Refused, SettingsError, redacted
from reference_impl.core.predictions import HoldRule
from reference_impl.flowise.settings_table import ACCEPTED, OWN_PREFIXES, SECRETS, TABLE


@dataclass(frozen=True)
class Settings:
    """The settings as they were given, each field one row of the table."""

    mode: str
    host: str
    port: int
    worker_port: int
    concurrency: int
    queue_name: str
    event_stream_max_len: int
    remove_on_age_s: int | None
    remove_on_count: int | None
    redis_url: str | None
    redis_host: str
    redis_port: int
    redis_username: str | None
    redis_password: str | None
    redis_tls: bool
    redis_cert: str | None
    redis_key: str | None
    redis_ca: str | None
    redis_keep_alive_ms: int | None
    dashboard: bool
    database_type: str
    database_path: str
    database_host: str | None
    database_port: int
    database_user: str | None
    database_password: str | None
    database_name: str | None
    secretkey_path: str
    secretkey_overwrite: str | None
    database_url: str | None
    lock_s: float
    wait_s: float
    answer_timeout_s: float
    outage_patience_s: float
    drain_s: float
    heartbeat_s: float
    member_email: str | None
    member_password: str | None
    variant: str | None
    fast: bool

    @property
    def on_queue(self) -> bool:
        """Whether workers run the jobs."""
        return self.mode == "queue"

    @property
    def secure(self) -> bool:
        """Whether Redis is spoken to over TLS."""
        return self.redis_tls or (self.redis_url or "").startswith("rediss://")

    @property
    def redis_place(self) -> str:
        """Redis' address, without its credentials."""
        if self.redis_url is not None:
            return redacted(self.redis_url)
        return f"{self.redis_host}:{self.redis_port}"

    @property
    def prediction_queue(self) -> str:
        """The BullMQ queue predictions go through."""
        return f"{self.queue_name}-prediction"

    @property
    def database_folder(self) -> Path:
        """Where SQLite's file is kept."""
        return Path(self.database_path).expanduser()

    @property
    def secretkey_folder(self) -> Path:
        """Where the secret key is kept."""
        return Path(self.secretkey_path).expanduser()

    @property
    def hold(self) -> HoldRule:
        """When a worker has lost its hold on a job."""
        return HoldRule(self.lock_s)

    @property
    def keep_jobs(self) -> dict[str, int]:
        """What BullMQ is told to keep of finished jobs."""
        kept = {"age": self.remove_on_age_s, "count": self.remove_on_count}
        return {key: value for key, value in kept.items() if value is not None} or {"count": -1}


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check every setting, or raise :class:`SettingsError`."""
    _refuse_unknown(environ)
    values: dict[str, object] = {}
    for row in TABLE:
        given = environ.get(row.name, "").strip()
        try:
            values[row.field] = row.read(given) if given else row.default
        except Refused as allowed:
            shown = "***" if row.name in SECRETS else redacted(given)
            raise SettingsError(f"{row.name}={shown!r} {allowed}") from None
    settings = Settings(**values)  # type: ignore[arg-type]
    _refuse_combinations(settings)
    return settings


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {row.name for row in TABLE} | ACCEPTED
    for name in sorted(environ):
        if name.startswith(OWN_PREFIXES) and name not in known:
            raise SettingsError(f"{name} is not a setting; see the table of settings for the names")


def _refuse_combinations(settings: Settings) -> None:
    _refuse_tls(settings)
    if settings.database_type == "postgres" and settings.database_url is None:
        for name in ("host", "user", "name"):
            if getattr(settings, f"database_{name}") is None:
                raise SettingsError(
                    f"DATABASE_{name.upper()} is not set; it must be when DATABASE_TYPE is postgres"
                )
    if (settings.member_email is None) != (settings.member_password is None):
        raise SettingsError("REFERENCE_MEMBER_EMAIL and REFERENCE_MEMBER_PASSWORD go together")


def _refuse_tls(settings: Settings) -> None:
    if (settings.redis_cert is None) != (settings.redis_key is None):
        missing = "REDIS_CERT" if settings.redis_cert is None else "REDIS_KEY"
        raise SettingsError(f"{missing} is not set; a certificate and its key go together")
    given = [n for n in ("cert", "key", "ca") if getattr(settings, f"redis_{n}") is not None]
    if given and not settings.secure:
        name = f"REDIS_{given[0].upper()}"
        raise SettingsError(f"{name} is set but REDIS_TLS is not true; Redis would be spoken plain")
    if settings.redis_tls and (settings.redis_url or "").startswith("redis://"):
        raise SettingsError("REDIS_TLS=true contradicts REDIS_URL; use a rediss:// URL")


__all__ = ["Settings", "SettingsError", "load", "redacted"]
