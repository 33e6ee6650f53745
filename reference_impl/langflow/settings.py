"""Settings from the environment, checked before anything heavy is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from reference_impl.common.redis_pools import watched
from reference_impl.common.setting_readers import Refused, SettingsError, redacted
from reference_impl.langflow import variants
from reference_impl.langflow.settings_table import TABLE

OWN_PREFIXES = ("LANGFLOW_", "REFERENCE_")
DEFAULT_REDIS_HOST = "localhost"
DEFAULT_REDIS_PORT = 6379
DEFAULT_SUPERUSER = "langflow"


@dataclass(frozen=True)
class Settings:
    """The settings as they were given, each field one row of the table."""

    host: str
    port: int
    workers: int
    worker_timeout_s: int
    preload: bool
    config_dir: str
    database_url: str | None
    superuser: str | None
    superuser_password: str | None
    auto_login: bool
    queue_type: str
    queue_url: str | None
    queue_host: str | None
    queue_port: int | None
    queue_db: int
    ttl_s: int
    startup_grace_s: float
    cancel_channel_enabled: bool
    cancel_marker_ttl_s: int
    stale_threshold_s: float
    watchdog_interval_s: float
    cache_url: str | None
    cache_host: str | None
    cache_port: int | None
    cache_db: int
    cache_type: str
    create_starter_projects: bool
    log_level: str
    event_delivery: str
    poll_hold_s: float
    answer_timeout_s: float
    owner_lease_s: float
    outage_patience_s: float
    drain_s: float
    worker_header: str | None
    environment: str
    variant: str | None
    fast: bool

    @property
    def config_path(self) -> Path:
        """Where the secret key and the default database are kept."""
        return Path(self.config_dir).expanduser()

    @property
    def on_redis(self) -> bool:
        """Whether jobs are shared between workers."""
        return self.queue_type == "redis"

    @property
    def queue_address(self) -> str:
        """The queue's Redis URL: the given one wins over host, port and index."""
        if self.queue_url is not None:
            return self.queue_url
        host = self.queue_host or self.cache_host or DEFAULT_REDIS_HOST
        port = self.queue_port or self.cache_port or DEFAULT_REDIS_PORT
        return f"redis://{host}:{port}/{self.queue_db}"

    @property
    def queue_index(self) -> int:
        """The database index the queue really uses."""
        return _index_of(self.queue_address)

    @property
    def cache_index(self) -> int:
        """The database index the cache uses."""
        return self.cache_db if self.cache_url is None else _index_of(self.cache_url)

    @property
    def superuser_name(self) -> str:
        """The superuser, which automatic login may leave unnamed."""
        return self.superuser or DEFAULT_SUPERUSER

    @property
    def superuser_secret(self) -> str:
        """The superuser's password, which automatic login may leave unset."""
        return self.superuser_password or DEFAULT_SUPERUSER

    def collides_with_cache(self) -> bool:
        """Whether queue and cache share an index of one server.

        A cache that is not configured counts as being on the queue's server.
        """
        if self.queue_index != self.cache_index:
            return False
        if self.cache_url is not None:
            return _server_of(self.cache_url) == _server_of(self.queue_address)
        if self.cache_host is None and self.cache_port is None:
            return True
        host = self.cache_host or DEFAULT_REDIS_HOST
        port = self.cache_port or DEFAULT_REDIS_PORT
        return _server_of(f"redis://{host}:{port}") == _server_of(self.queue_address)


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check every setting, or raise :class:`SettingsError`."""
    _refuse_unknown(environ)
    values: dict[str, object] = {}
    for row in TABLE:
        given = environ.get(row.name, "").strip()
        try:
            values[row.field] = row.read(given) if given else row.default
        except Refused as allowed:
            raise SettingsError(f"{row.name}={redacted(given)!r} {allowed}") from None
    settings = SETTINGS_CLASS(**values)  # type: ignore[arg-type]
    for check in CHECKS:
        check(settings)
    return settings


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {row.name for row in TABLE}
    for name in sorted(environ):
        if name.startswith(OWN_PREFIXES) and name not in known:
            raise SettingsError(f"{name} is not a setting; see the table of settings for the names")


def refuse_missing_login(settings: Settings) -> None:
    """Without automatic login there must be somebody who can log in."""
    if not settings.auto_login and not (settings.superuser and settings.superuser_password):
        missing = "LANGFLOW_SUPERUSER" + ("_PASSWORD" if settings.superuser else "")
        raise SettingsError(f"{missing} is not set; it must be when LANGFLOW_AUTO_LOGIN is false")


def refuse_stray_variant(settings: Settings) -> None:
    """A variant must exist, and must not be started where somebody could rely on it."""
    if settings.variant is not None:
        variants.check(settings.variant, environment=settings.environment, host=settings.host)


def refuse_unshared_builds(settings: Settings) -> None:
    """Several workers need a queue that all of them can read."""
    if not settings.on_redis and settings.workers > 1:
        raise SettingsError(
            f"LANGFLOW_WORKERS={settings.workers} must be 1 with LANGFLOW_JOB_QUEUE_TYPE=asyncio: "
            "a build could not be read from the other workers; set LANGFLOW_JOB_QUEUE_TYPE=redis"
        )


def refuse_collision(settings: Settings) -> None:
    """Queue and cache must not share a database index."""
    if settings.on_redis and settings.collides_with_cache():
        name = "LANGFLOW_REDIS_QUEUE_" + ("DB" if settings.queue_url is None else "URL")
        raise SettingsError(
            f"{name}: queue and cache both use database index {settings.queue_index} of one "
            "server; their keys would collide, so the indexes must differ "
            "(the cache uses 0 by default)"
        )


# What `load` makes and how it checks it: a variant exchanges one of them.
SETTINGS_CLASS: type[Settings] = Settings
CHECKS: tuple[Callable[[Settings], None], ...] = (
    refuse_missing_login,
    refuse_stray_variant,
    refuse_unshared_builds,
    refuse_collision,
)


def _index_of(url: str) -> int:
    """The index a URL names: by ``?db=`` or, as the client library has it, else by its path."""
    if place := watched(url):
        return place.index
    parts = urlsplit(url)
    named = [*parse_qs(parts.query).get("db", []), parts.path.strip("/")]
    return next((int(text) for text in named if text.isdigit()), 0)


def _server_of(url: str) -> tuple[str, int]:
    if place := watched(url):
        return place.service, 0
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path, 0
    host = (parts.hostname or DEFAULT_REDIS_HOST).lower()
    name = "localhost" if host in variants.LOOPBACK_NAMES else host
    return name, parts.port or DEFAULT_REDIS_PORT


__all__ = ["TABLE", "Settings", "SettingsError", "load", "redacted"]
