"""Why a Redis cannot be used, as one line that says what to do."""

from __future__ import annotations

import re

from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout

from queueproof.config.redis_url import address_of_redis, index_of
from queueproof.config.sentinel_url import names_sentinels

_EXPORT = (
    "export QUEUEPROOF_REDIS_URL with the right user and password, a password alone as :password@"
)
#: What clients say of the address may be any words.
_PLACE = re.compile(r"(?:connecting to|reading from|writing to) \S+")


def why_no_redis(url: str, error: Exception) -> str:
    """What is wrong at the address of this URL, by the error that a client of it raised.

    In one line that holds nothing of the URL but its address.
    """
    where, said = address_of_redis(url), _PLACE.sub("", str(error).lower())
    answered = isinstance(error, RedisError) and not isinstance(error, RedisConnectionError)
    login = answered and any(word in said for word in ("auth", "password", "invalid username"))
    if login or isinstance(error, AuthenticationError):
        return f"Redis at {where} refuses the login: {_EXPORT}"
    if "cluster mode" in said:
        return f"Redis at {where} is a Cluster, which has index 0 alone: leave it out of the URL"
    if answered and ("db index" in said or "out of range" in said or "select" in said):
        return f"Redis at {where} has no database index {index_of(url) or 0}"
    if "certificate" in said:
        return (
            f"Redis at {where}: its certificate is not trusted; set SSL_CERT_FILE, or add "
            "?ssl_ca_certs=FILE to the URL"
        )
    tls = "rediss" if not url.startswith("rediss") else "redis"
    if names_sentinels(url) and isinstance(error, ConnectionError | RedisConnectionError):
        return f"no Redis answers at the master's address, {where}: it must be reachable from here"
    if isinstance(error, RedisTimeout):
        return f"nothing answers at {where}: a wrong address, a firewall, or a port for {tls}://"
    if "ssl" in said or "closed" in said or "protocol" in said or "reset" in said:
        return f"{where} does not answer as Redis does: a wrong port, or one for {tls}://"
    return f"no Redis answers at {where}: correct --redis-url, or QUEUEPROOF_REDIS_URL"
