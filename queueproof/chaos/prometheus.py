"""A query of a Prometheus, by its HTTP API (`/api/v1/query`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import httpx

from queueproof.config.model import TargetConfig
from queueproof.targets.bodies import MEBIBYTE, read_json, whole
from queueproof.trust import tls_context

_WITHIN_S = 5.0
_LARGEST = 4 * MEBIBYTE
#: Of an answer that is none, so much is told.
_SHOWN = 200


class NoValue(Exception):
    """A query has no value now: its text says why. That is nobody's fault but the monitoring's."""


class Prometheus:
    """One server, asked directly: no proxy of the environment stands between."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        verify = tls_context() if self.url.startswith("https:") else True
        self._http = httpx.AsyncClient(
            headers=headers, timeout=_WITHIN_S, trust_env=False, verify=verify
        )

    async def values(self, query: str) -> list[float]:
        """The query's values now, one a series, none of them NaN; raises NoValue where there are
        none, or nobody answers.
        """
        place = f"{self.url}/api/v1/query"
        try:
            async with self._http.stream(
                "POST", place, data={"query": query}, headers={"Accept-Encoding": "identity"}
            ) as answer:
                body = await whole(answer, at_most=_LARGEST)
        except httpx.HTTPError as error:
            words = f"{type(error).__name__}: {error}".strip(": ")
            raise NoValue(f"Prometheus at {self.url} does not answer ({words})") from None
        try:
            told = read_json(body.decode("utf-8", "replace"))
        except ValueError:
            told = None
        if not isinstance(told, Mapping) or told.get("status") != "success":
            raise NoValue(f"Prometheus at {self.url} answers {answer.status_code}{_said(told)}")
        return _values(told.get("data"))

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()


def monitoring_of(target: TargetConfig) -> Prometheus | None:
    """The Prometheus that a target file names, with its login; None where it names none."""
    if not target.prometheus:
        return None
    return Prometheus(target.prometheus, target.prometheus_headers)


def _said(told: Any) -> str:
    """What an answer says went wrong."""
    error = told.get("error") if isinstance(told, Mapping) else None
    return f": {str(error)[:_SHOWN]}" if error else ""


def _values(data: Any) -> list[float]:
    """The numbers of a result that is a vector or a scalar."""
    kind = data.get("resultType") if isinstance(data, Mapping) else None
    result = data.get("result") if isinstance(data, Mapping) else None
    if kind == "scalar":
        samples = [result]
    elif kind == "vector" and isinstance(result, list):
        samples = [row.get("value") if isinstance(row, Mapping) else None for row in result]
    else:
        raise NoValue(f"the query gives no vector and no scalar, but {str(kind)[:_SHOWN]}")
    if not samples:
        raise NoValue("the query finds no series")
    values = [_number(sample) for sample in samples]
    if any(math.isnan(value) for value in values):
        raise NoValue("a value of the query is no number")
    return values


def _number(sample: Any) -> float:
    """The number of a pair of instant and text; NaN for anything else."""
    try:
        _, text = sample
        return float(text)
    except (TypeError, ValueError):
        return math.nan
