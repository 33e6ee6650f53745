"""Why a Redis cannot be used, as one line that says what to do."""

from __future__ import annotations

import re

from redis.exceptions import AuthenticationError, InvalidResponse, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout

from queueproof.config.redis_url import address_of_redis, index_of
from queueproof.config.sentinel_url import names_sentinels
from queueproof.reporting.text import shown_in_line

_EXPORT = (
    "export QUEUEPROOF_REDIS_URL with the right user and password, a password alone as :password@"
)
#: What a Redis says that is there and lets nobody in, or not now; and what helps.
_PUT_OFF = {
    "protected mode": "lets in nobody but its own machine (protected mode): set a password there, "
    "or run queueproof beside it",
    "max number of clients": "takes no more clients (maxclients): some must go first",
    "loading the dataset": "is still loading its data: wait until it serves",
    "link with master is down": "is a replica that has lost its master: give the master's address",
    "busy running a script": "is busy with a script of somebody's: wait, or have it ended",
    "cluster mode": "is a Cluster, which has index 0 alone: leave it out of the URL",
    "certificate required": "wants a certificate of its clients: add "
    "?ssl_certfile=FILE&ssl_keyfile=FILE to the URL",
    "certificate": "has a certificate that is not trusted: set SSL_CERT_FILE, or add "
    "?ssl_ca_certs=FILE to the URL",
    "background save": "takes no writes, since it cannot save (MISCONF): look at its disk",
    "unable to persist": "takes no writes, since it cannot save (MISCONF): look at its disk",
}
_LOGIN = re.compile("auth|password|invalid username")
_INDEX = re.compile("db index|out of range|select")
_NO_ANSWER = (RedisConnectionError, RedisTimeout, InvalidResponse)
_LONGEST = 120
#: What clients say of the address may be any words.
_PLACE = re.compile(r"(?:connecting to|reading from|writing to) \S+")


def why_no_redis(url: str, error: Exception) -> str:
    """What is wrong at the address of this URL, by the error that a client of it raised.

    In one line that holds nothing of the URL but its address.
    """
    where, said = address_of_redis(url), _PLACE.sub("", str(error).lower())
    answered = isinstance(error, RedisError) and not isinstance(error, _NO_ANSWER)
    if advice := next((advice for words, advice in _PUT_OFF.items() if words in said), ""):
        return f"Redis at {where} {advice}"
    if isinstance(error, AuthenticationError) or (answered and _LOGIN.search(said)):
        return f"Redis at {where} refuses the login: {_EXPORT}"
    if answered and _INDEX.search(said):
        return f"Redis at {where} has no database index {index_of(url) or 0}"
    if answered:
        words = shown_in_line(str(error), limit=_LONGEST)
        return f"Redis at {where} cannot be used: it says {words}"
    return _why_no_answer(url, error, where, said)


def _why_no_answer(url: str, error: Exception, where: str, said: str) -> str:
    """What may be wrong where nothing came that a Redis says."""
    tls = "rediss" if not url.startswith("rediss") else "redis"
    if names_sentinels(url) and isinstance(error, ConnectionError | RedisConnectionError):
        return f"no Redis answers at the master's address, {where}: it must be reachable from here"
    if isinstance(error, RedisTimeout):
        return f"nothing answers at {where}: a wrong address, a firewall, or a port for {tls}://"
    if any(word in said for word in ("ssl", "closed", "protocol", "reset")):
        return f"{where} does not answer as Redis does: a wrong port, or one for {tls}://"
    return f"no Redis answers at {where}: correct --redis-url, or QUEUEPROOF_REDIS_URL"
