"""What of a load profile can be drawn: latency over time, percentiles, offered against served.

A profile carries what its run measured; whatever is not there is simply not drawn. `timeline`
is a list of samples, each with `at_s` and any of `offered_per_s`, `served_per_s`, `errors`,
`p50_ms`, `p95_ms`, `p99_ms` …; `stages` and `faults` are stretches with `name`, `from_s` and
`to_s`; `latency_ms` maps percentiles (`p50`) to milliseconds, for all operations or for each;
`resources` are samples with `at_s` of what the target held, such as `rss_mb` and `redis_keys`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from queueproof.json_numbers import is_number
from queueproof.reporting.tables import dicts_in

_PERCENTILE = re.compile(r"^p(\d+(?:[._]\d+)?)(?:_ms)?$")
_MEMORY = re.compile(r"^\w+_mb$")
_HELD = re.compile(r"^redis_(keys|clients|channels)$")
_RATES = re.compile(r"^(offered|served|errors?|failed|throughput)(_per_s)?$")


@dataclass(frozen=True)
class Chart:
    """One figure: `x` and every series have the same length, a gap is None."""

    title: str
    x_label: str
    y_label: str
    x: list[float]
    series: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    log: bool = False

    @property
    def spec(self) -> dict[str, Any]:
        """What the page's script draws from."""
        return vars(self)

    @property
    def rows(self) -> list[list[float | None]]:
        """The same numbers as a table."""
        columns = [self.x, *(series["values"] for series in self.series)]
        return [list(row) for row in zip(*columns, strict=True)]


def charts_of(profile: dict[str, Any]) -> list[Chart]:
    """The figures that this profile's data allow, in reading order."""
    samples = [each for each in dicts_in(profile.get("timeline")) if is_number(each.get("at_s"))]
    bands = [*_bands(profile, "stages", fault=False), *_bands(profile, "faults", fault=True)]
    resources = [each for each in dicts_in(profile.get("resources")) if is_number(each.get("at_s"))]
    drawn = (
        _over_time("Latency over time", "milliseconds", samples, _PERCENTILE, bands),
        _over_time("Offered and served", "a second", samples, _RATES, bands),
        _percentiles(profile.get("latency_ms")),
        _over_time("Memory of the target", "MiB", resources, _MEMORY, bands),
        _over_time("Held in Redis", "keys, clients, channels", resources, _HELD, bands),
    )
    return [chart for chart in drawn if chart is not None]


def _over_time(
    title: str,
    y_label: str,
    samples: list[dict[str, Any]],
    names: re.Pattern[str],
    bands: list[dict[str, Any]],
) -> Chart | None:
    wanted = [key for key in dict.fromkeys(k for s in samples for k in s) if names.match(key)]
    if not wanted or len(samples) < 2:
        return None
    series = [
        {"label": _words(key), "values": [_or_gap(sample.get(key)) for sample in samples]}
        for key in wanted
    ]
    x = [float(sample["at_s"]) for sample in samples]
    return Chart(title, "seconds", y_label, x, series, bands)


def _percentiles(latency: Any) -> Chart | None:
    """Latency by percentile, a curve an operation."""
    if not isinstance(latency, dict):
        return None
    curves = {name: each for name, each in latency.items() if isinstance(each, dict)}
    points = {name: _points(each) for name, each in (curves or {"all": latency}).items()}
    x = sorted({at for each in points.values() for at in each})
    if len(x) < 2:
        return None
    series = [
        {"label": _words(name), "values": [each.get(at) for at in x]}
        for name, each in points.items()
    ]
    return Chart("Latency by percentile", "percentile", "milliseconds", x, series, [])


def _points(latency: dict[str, Any]) -> dict[float, float]:
    found = ((_PERCENTILE.match(str(name)), value) for name, value in latency.items())
    return {
        float(match[1].replace("_", ".")): float(value)
        for match, value in found
        if match and is_number(value)
    }


def _bands(profile: dict[str, Any], key: str, *, fault: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": str(each.get("name", each.get("label", ""))),
            "from": each["from_s"],
            "to": _or_gap(each.get("to_s")),
            "fault": fault,
        }
        for each in dicts_in(profile.get(key))
        if is_number(each.get("from_s"))
    ]


def _or_gap(value: Any) -> float | None:
    return float(value) if is_number(value) else None


def _words(key: str) -> str:
    return key.removesuffix("_ms").replace("_per_s", "").replace("_", " ")
