"""The dashboard and the alert rules ask for metrics and checks that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from prometheus_client import generate_latest

from queueproof.watch import looking
from queueproof.watch.metrics import Metrics
from queueproof.watch.standing import Standing

from .test_standing import seen

_EXAMPLES = Path(__file__).parents[2] / "examples" / "watch"
_METRIC = re.compile(r"queueproof_watch_\w+")


def exported() -> set[str]:
    """The names of all that a watch exports after a round."""
    now, metrics, one = Standing(), Metrics("t"), seen(reached="")
    now.enter(one, at=0.0, window_s=1e6)
    metrics.take(one, now, at=0.0, objective=0.9)
    return set(_METRIC.findall(generate_latest(metrics.registry).decode()))


def test_every_panel_shows_a_metric_that_is_exported() -> None:
    panels = json.loads((_EXAMPLES / "dashboard.json").read_text("utf-8"))["panels"]
    asked = {name for panel in panels for name in _METRIC.findall(panel["targets"][0]["expr"])}
    assert len(panels) == 6
    assert asked <= exported()


def test_every_alert_asks_for_a_metric_and_a_check_that_there_are() -> None:
    (group,) = yaml.safe_load((_EXAMPLES / "alerts.yml").read_text("utf-8"))["groups"]
    rules = [rule["expr"] for rule in group["rules"]]
    assert {name for rule in rules for name in _METRIC.findall(rule)} <= exported()
    checks = {name for rule in rules for name in re.findall(r'check="([^"]+)"', rule)}
    assert checks == {looking.REACHED, looking.CANCEL}
