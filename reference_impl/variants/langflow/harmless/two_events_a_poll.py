"""A poll brings two events at most: a page. Whoever wants the rest asks again."""

from __future__ import annotations

from reference_impl.store import redis_client

# A burst of two thousand events (POLL-010) takes longer to read so than the embedded run keeps it.
PLAYS = ("POLL-001..009", "POLL-011..016", "SUBM-001..002", "CANC-001..002")
ALL = "redis.call('XRANGE', KEYS[2], behind(from), '+')"
PAGE = "redis.call('XRANGE', KEYS[2], behind(from), '+', 'COUNT', 2)"


def install() -> None:
    """Take no more than a page."""
    whole = redis_client.script_source

    def paged(name: str) -> str:
        source = whole(name)
        if name != "take":
            return source
        assert ALL in source
        return source.replace(ALL, PAGE)

    redis_client.script_source = paged  # type: ignore[assignment]
