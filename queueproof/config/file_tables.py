"""The tables of a target file: the keys of each, and the kind of value that each takes.

What a key means is said once, in the docstring of the class that holds it (`queueproof.config`);
the page "Every key" and the JSON Schema are made of both.
"""

from __future__ import annotations

from dataclasses import fields

from queueproof.config.checks import check_header, check_place, check_url
from queueproof.config.kinds import (
    COUNT,
    PORT,
    PROCESS,
    AsItIs,
    Checked,
    Flag,
    Headers,
    ListOf,
    Number,
    Scalar,
    Table,
    TableOf,
    Text,
    Whole,
    Words,
)
from queueproof.config.model import Timings
from queueproof.config.redis_url import check_plain_redis_url
from queueproof.config.transport import check_proxy

_DAYS = 24 * 3600.0
TARGET = Table(
    {
        "contract": Text(filled=True),
        "urls": ListOf(kind=Checked(check_url)),
        "workers": COUNT,
        "worker_header": Checked(check_header),
        "redis_url": Checked(
            lambda url, where: check_plain_redis_url(url, where=where) if url else ""
        ),
        "process_root": PROCESS,
        "worker_processes": ListOf(kind=PROCESS),
        "worker_urls": ListOf(kind=Checked(check_url)),
        "worker_slots": COUNT,
        "disposable": Flag(),
        "witness_host": Text(filled=True),
        "witness_port": PORT,
        "witness_announce": Checked(check_place),
        "witness_through": Text(choices=("http", "redis", "result")),
        "cases_at_once": COUNT,
        "requests_per_s": Number(least=1.0, most=100_000.0),
        "at_least_once": Flag(),
        "prometheus": Checked(lambda url, where: check_url(url, where) if url else ""),
        "prometheus_headers": Headers(),
        "ca": Text(filled=True),
        "proxy": Checked(check_proxy),
        "headers": Headers(),
    }
)
LAUNCH = Table(
    {
        "command": Words(),
        "environment": TableOf(kind=Scalar()),
        "other_queue": TableOf(kind=Scalar()),
        "sentinel_environment": TableOf(kind=Scalar()),
        "ready": Text(),
        "worker_command": Words(),
        "worker_ready": Text(),
        "supervised": Flag(),
        "data_template": Text(),
        "data_parent": Text(),
        "boot_s": Number(above=True, most=_DAYS),
        "lanes": Whole(most=100),
        "at_once": Whole(least=1, most=100),
        "for_cases": Flag(),
    }
)
#: What lasts: a deployment may set it to nothing, or to months.
_LASTING = Number(most=400 * _DAYS)
#: What a case waits for before it accuses: at nothing every answer would be late, and beyond an
#: hour no case would ever come to its verdict.
_AWAITED = Number(above=True, most=3600.0)
TIMINGS = Table(
    dict.fromkeys((item.name for item in fields(Timings)), _LASTING)
    | dict.fromkeys(
        ("answer_s", "cancel_effect_s", "owner_death_s", "outage_answer_s", "recovery_s"), _AWAITED
    )
    | {"poll_hold_s": Number(most=3600.0)}
)
_ANY_TABLE = TableOf(kind=AsItIs())
FILE = Table(
    dict.fromkeys(
        ("target", "timings", "launch", "chaos", "executor", "mapping", "promises"), _ANY_TABLE
    )
)
