"""URLs of Sentinels, as libraries spell them, and what may be printed of one."""

from __future__ import annotations

import pytest

from queueproof.config.load import REDIS_URL_VARIABLE, load_target
from queueproof.config.redis_url import (
    check_plain_redis_url,
    check_redis_url,
    index_of,
    trusting_ca,
    without_index,
    without_password,
)
from queueproof.config.sentinel_url import read_sentinel_url
from queueproof.errors import UsageError
from queueproof.redaction import Redactor

BOTH = (("one", 26379), ("two", 26380))
SECRET = "sEc-ReT"


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one,two:26380/jobs/1",
        "redis+sentinel://one:26379,two:26380/jobs?db=1",
        "redis-sentinel://one:26379,two:26380/1?master=jobs",
        "redis-sentinel://one:26379,two:26380/1#jobs",
        "redis-sentinel://one:26379,two:26380/1?sentinelMasterId=jobs",
        "sentinel://one:26379;sentinel://two:26380/1?master_name=jobs",
    ],
)
def test_the_spellings_in_use_mean_the_same(url: str) -> None:
    place = read_sentinel_url(check_redis_url(url, where="here"))

    assert (place.sentinels, place.service, index_of(url)) == (BOTH, "jobs", 1)
    assert place.text() == "redis+sentinel://one:26379,two:26380/jobs/1"
    assert without_index(url) == "redis+sentinel://one:26379,two:26380/jobs"


def test_the_servers_login_and_the_sentinels_own_are_apart() -> None:
    url = "rediss+sentinel://me:p%40ss@[::1]:1,two/jobs/2?sentinel_password=own&sentinel_username=x"

    place = read_sentinel_url(url)

    assert place.server() == "rediss://me:p%40ss@sentinel/2"
    assert (place.own_user, place.own_password) == ("x", "own")
    assert place.sentinels == (("::1", 1), ("two", 26379))
    assert read_sentinel_url(place.text()) == place


def test_nothing_that_lets_in_stays_in_what_is_printed() -> None:
    url = f"redis+sentinel://me:{SECRET}@one/jobs/1?password={SECRET}&sentinel_password={SECRET}"

    assert without_password(url) == "redis+sentinel://me:@one:26379/jobs/1"
    check_plain_redis_url(without_password(url), where="--redis-url")
    assert SECRET not in read_sentinel_url(url).address
    with pytest.raises(UsageError, match="carries a password"):
        check_plain_redis_url(url, where="--redis-url")


@pytest.mark.parametrize(
    "url",
    [
        f"redis-sentinel://{SECRET}@one,two/1#jobs",
        f"sentinel://{SECRET}@one;sentinel://{SECRET}@two/1?master_name=jobs",
    ],
)
def test_a_login_without_a_colon_is_a_password(url: str) -> None:
    """As Lettuce reads it; so it stands in no file, and in nothing that is printed."""
    known = Redactor()
    known.learn_url(url)

    assert read_sentinel_url(url).server() == f"redis://:{SECRET}@sentinel/1"
    assert SECRET not in without_password(url)
    assert SECRET not in known.redacted(f"the user {SECRET} is unknown")
    with pytest.raises(UsageError, match="carries a password"):
        check_plain_redis_url(url, where="--redis-url")


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ("socket_timeout=abc", "'socket_timeout'"),
        ("foo=bar&client_name=x&bar=1", "'foo', 'bar'"),
        ("timeout=10s", "'timeout'"),
        ("ssl_ca_certs=ca.pem", "'ssl_ca_certs'"),
        ("protocol=9", "'protocol'"),
    ],
)
@pytest.mark.parametrize("place", ["redis://one/1", "redis+sentinel://one/jobs/1"])
def test_parameters_that_no_connection_takes_are_named_before_one_is_made(
    place: str, parameters: str, wrong: str
) -> None:
    with pytest.raises(UsageError, match=f"takes no {wrong} in a redis:// URL") as refused:
        check_redis_url(f"{place}?{parameters}", where="here")

    assert "\n" not in str(refused.value)
    assert check_redis_url(f"{place}?client_name=x&protocol=3&db=2", where="here")


def test_an_authority_is_for_sentinels_with_tls_too() -> None:
    assert trusting_ca("rediss+sentinel://one/jobs", "ca.pem").endswith("?ssl_ca_certs=ca.pem")
    assert trusting_ca("redis+sentinel://one/jobs", "ca.pem") == "redis+sentinel://one/jobs"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"redis+sentinel://:{SECRET}@one:26379", "does not say what the Sentinels call"),
        (f"redis+sentinel://:{SECRET}@one:26379/jobs/one", "index that is no number"),
        (f"redis+sentinel://:{SECRET}@one:{SECRET}/jobs", "no host:port"),
        (f"redis+sentinel://:{SECRET}@one:99999/jobs", "no host:port"),
        (f"redis+sentinel://:{SECRET}@one:26379,/jobs", "no host:port"),
        (f"redis+sentinel://:{SECRET}#x@one:26379/jobs/1", "no URL of Sentinels"),
        (f"redis+sentinel://:{SECRET}/x@one:26379/jobs/1", "no URL of Sentinels"),
        (f"redis+sentinel://:{SECRET}@one:26379/jobs/1/2", "no URL of Sentinels"),
    ],
)
def test_a_malformed_one_is_refused_in_a_line_that_holds_nothing_of_it(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        load_target(None, {REDIS_URL_VARIABLE: url})

    assert "redis+sentinel://host:26379,host:26379/SERVICE/1" in str(refused.value)
    assert SECRET.lower() not in str(refused.value).lower()
    assert "\n" not in str(refused.value)
