"""URLs of a Redis Cluster, and what may be printed of one."""

from __future__ import annotations

import pytest

from queueproof.config.cluster_url import read_cluster_url
from queueproof.config.load import REDIS_URL_VARIABLE, load_target
from queueproof.config.redis_url import (
    address_of_redis,
    check_plain_redis_url,
    check_redis_url,
    index_of,
    trusting_ca,
    without_index,
    without_password,
)
from queueproof.errors import UsageError

SECRET = "sEc-ReT"


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://one:7000,two",
        "redis-cluster://one:7000,two:6379/",
        "redis+cluster://one:7000,two/0",
        "redis+cluster://one:7000,two?db=0",
    ],
)
def test_the_spellings_in_use_mean_the_same(url: str) -> None:
    place = read_cluster_url(check_redis_url(url, where="here"))

    assert place.nodes == (("one", 7000), ("two", 6379))
    assert place.text() == "redis+cluster://one:7000,two:6379"
    assert address_of_redis(url) == "one:7000,two:6379"
    assert index_of(url) is None
    assert without_index(url) == url


def test_every_server_is_reached_with_what_the_url_says() -> None:
    place = read_cluster_url("rediss+cluster://me:p%40ss@[::1]:1,two?client_name=x")

    assert place.server("::1", 1) == "rediss://me:p%40ss@[::1]:1?client_name=x"
    assert read_cluster_url(place.text()) == place


def test_a_node_is_one_of_a_cluster_with_its_own_url() -> None:
    assert read_cluster_url("redis://:pw@one:7000/0") == read_cluster_url(
        "redis+cluster://:pw@one:7000"
    )


def test_nothing_that_lets_in_stays_in_what_is_printed() -> None:
    url = f"rediss+cluster://me:{SECRET}@one?password={SECRET}&protocol=3"

    assert without_password(url) == "rediss+cluster://me@one:6379?protocol=3"
    check_plain_redis_url(without_password(url), where="--redis-url")
    with pytest.raises(UsageError, match="carries a password"):
        check_plain_redis_url(url, where="--redis-url")


def test_an_authority_is_for_a_cluster_with_tls_too() -> None:
    assert trusting_ca("rediss+cluster://one", "ca.pem").endswith("?ssl_ca_certs=ca.pem")
    assert trusting_ca("redis+cluster://one", "ca.pem") == "redis+cluster://one"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"redis+cluster://:{SECRET}@one:7000/3", "a Cluster has 0 alone"),
        (f"redis+cluster://:{SECRET}@one:7000?db=3", "a Cluster has 0 alone"),
        (f"redis+cluster://:{SECRET}@one:{SECRET}", "no host:port"),
        (f"redis+cluster://:{SECRET}@one:99999", "no host:port"),
        (f"redis+cluster://:{SECRET}@one,", "no host:port"),
        (f"redis+cluster://:{SECRET}/x@one", "no URL of a Cluster"),
        (f"redis+cluster://:{SECRET}@one?retry_on_timeout=yes", "takes no 'retry_on_timeout'"),
        (f"redis://:{SECRET}@one,two:7001", "where it is a Cluster"),
    ],
)
def test_a_malformed_one_is_refused_in_a_line_that_holds_nothing_of_it(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        load_target(None, {REDIS_URL_VARIABLE: url})

    assert SECRET.lower() not in str(refused.value).lower()
    assert "\n" not in str(refused.value)
