"""What is wrong at a Redis is told by the kind of the error, never by what the host is called."""

from __future__ import annotations

import pytest
from redis.exceptions import AuthenticationError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout

from queueproof.targets.redis_complaints import why_no_redis

_NOBODY = "Error 111 connecting to {}:6379. Connect call failed"


@pytest.mark.parametrize("host", ["auth", "password-db", "ssl-select.closed", "certificate-reset"])
def test_a_hosts_name_tells_nothing(host: str) -> None:
    said = why_no_redis(f"redis://{host}/1", RedisConnectionError(_NOBODY.format(host)))

    assert said.startswith(f"no Redis answers at {host}:6379")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AuthenticationError("invalid username-password pair"), "refuses the login"),
        (AuthenticationError("Authentication required."), "refuses the login"),
        (ResponseError("unauthorized: AUTH first"), "refuses the login"),
        (ResponseError("DB index is out of range"), "has no database index 1"),
        (ResponseError("SELECT is not allowed in cluster mode"), "index 0 alone"),
        (RedisConnectionError("certificate verify failed"), "certificate that is not trusted"),
        (RedisConnectionError("Connection closed by server."), "does not answer as Redis does"),
        (RedisTimeout("Timeout connecting to server"), "nothing answers at host:6379"),
        (
            ResponseError("DENIED Redis is running in protected mode and no password is set"),
            "its own machine",
        ),
        (RedisConnectionError("max number of clients reached"), "takes no more clients"),
        (RedisConnectionError("Redis is loading the dataset in memory"), "still loading"),
        (ResponseError("MASTERDOWN Link with MASTER is down"), "lost its master"),
        (ResponseError("BUSY Redis is busy running a script"), "busy with a script"),
        (ResponseError("MISCONF it's unable to persist to disk"), "takes no writes"),
        (RedisConnectionError("tlsv13 alert certificate required"), "?ssl_certfile=FILE"),
        (ResponseError("ERR \x1b[2J\n::error::x"), "it says ERR \\x1b[2J \\x3a:error::x"),
    ],
)
def test_each_kind_of_error_has_its_line(error: Exception, said: str) -> None:
    line = why_no_redis("redis://me:pw@host/1", error)

    assert said in line
    assert "pw" not in line.replace("password", "")
    assert "\n" not in line
