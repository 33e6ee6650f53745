"""Declared profiles: each can be played, and a mistake in one is found before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from queueproof import paths
from queueproof.config.model import TargetConfig, Timings
from queueproof.errors import UsageError
from queueproof.load.bounds import bounds_under, fitted
from queueproof.load.profile import Errand, choose_profile, load_profiles, profile_from, scaled
from queueproof.load.safety_limits import GENTLE_PER_S, limits_for, within_safety_limits

SOUND: dict[str, Any] = {"id": "a", "title": "t", "verifies": "v", "tasks": [{"does": "stream"}]}
PROFILES = {
    "langflow": {
        *("steady", "knee", "burst", "soak", "poll-storm", "fan-out", "cancel-storm"),
        *("abandon-storm", "mixed"),
    },
    "generic": {"steady", "knee", "burst", "soak", "cancel-storm", "mixed"},
    "flowise": {"steady", "knee", "burst", "soak", "cancel-storm", "mixed"},
}


@pytest.mark.parametrize("contract", PROFILES)
def test_every_contract_has_its_profiles_and_each_has_something_to_do(contract: str) -> None:
    """What a contract cannot do is not in its profiles."""
    profiles = {profile.id: profile for profile in load_profiles(contract)}

    assert profiles.keys() == PROFILES[contract]
    for profile in profiles.values():
        assert all(contract in errand.contracts for errand in profile.errands)
        assert sum(stage.share for stage in profile.stages) == pytest.approx(1.0)


def test_a_profile_goes_by_its_other_names_too() -> None:
    """`ramp` is the ramp to the knee."""
    profiles = load_profiles("langflow")

    assert choose_profile(profiles, "ramp").id == "knee"
    with pytest.raises(UsageError, match="there are: abandon-storm"):
        choose_profile(profiles, "gentle")


@pytest.mark.parametrize(
    "mistake",
    [
        {"rat": 5},
        {"tasks": [{"does": "dance"}]},
        {"tasks": [{"does": "predict"}], "contracts": ["langflow"]},
        {"tasks": [{"does": "stream", "tics": 5}]},
        {"spacing": "random"},
        {"rate": 0},
        {"rate": "fast"},
        {"tasks": [{"does": "stream", "weight": -1}]},
        {"climb": {"hold_s": 1.5}},
    ],
)
def test_a_mistake_is_told_in_a_line(mistake: dict[str, Any]) -> None:
    """A UsageError that names the file."""
    with pytest.raises(UsageError, match="here"):
        profile_from(SOUND | mistake, "langflow", where="here")


def test_a_contracts_own_table_has_precedence() -> None:
    """The same profile at the rate that fits the contract."""
    table = SOUND | {"rate": 20, "flowise": {"rate": 5}}

    assert profile_from(table, "langflow", where="here").rate == 20
    assert profile_from(table, "flowise", where="here").rate == 5


def test_an_abandoned_job_outlasts_the_watchdog_that_must_reclaim_it() -> None:
    """At the document's defaults it has to tick for minutes."""
    errand = Errand(does="abandon", interval_s=0.5)
    timings = Timings(stale_threshold_s=90, watchdog_interval_s=15)

    assert fitted(errand, timings).probe.duration_s > bounds_under(timings).reclaimed_s + 30
    assert fitted(Errand(does="stream"), timings) == Errand(does="stream")


def test_a_target_elsewhere_is_treated_gently_unless_somebody_said_otherwise() -> None:
    """A rate that was written down is respected; limits go with it."""
    near = TargetConfig(urls=("http://127.0.0.1:7860", "http://localhost:1"))
    away = TargetConfig(urls=("http://127.0.0.1:7860", "https://flows.example.com"))
    steady = choose_profile(load_profiles("langflow"), "burst")

    assert within_safety_limits(steady, near, asked=None) == steady
    assert within_safety_limits(steady, away, asked=None).peak == pytest.approx(GENTLE_PER_S)
    asked = scaled(steady, rate=50, duration_s=None)
    assert within_safety_limits(asked, away, asked=50).rate == 50
    gentle = limits_for(away, steady, requests_per_s=None, error_ratio=0.5)
    assert gentle.requests_per_s < 2000
    assert limits_for(away, steady, requests_per_s=7, error_ratio=0.5).requests_per_s == 7


def test_a_climb_needs_a_target_that_may_be_driven_to_its_limits() -> None:
    """Unless it is this machine's own."""
    knee = choose_profile(load_profiles("langflow"), "knee")
    away = TargetConfig(urls=("https://flows.example.com",))

    with pytest.raises(UsageError, match="--disposable"):
        within_safety_limits(knee, away, asked=5)
    disposable = TargetConfig(urls=away.urls, disposable=True)
    assert within_safety_limits(knee, disposable, asked=None) == knee


def test_the_room_is_carried_where_the_program_looks_for_it() -> None:
    """The locustfile, and every profile beside it."""
    room = paths.folder("load")

    assert (room / "locustfile.py").is_file()
    assert len(list(Path(room / "profiles").glob("*.toml"))) == len(PROFILES["langflow"])
