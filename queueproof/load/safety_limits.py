"""Safety limits: how much load an undeclared target gets, and where a run stops.

Load on a loopback address disturbs its own machine at most. Anything else may be somebody's
production: without a rate that was asked for it gets a gentle one, and it is not driven to its
limits unless it is said to be disposable.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.load.profile import Profile
from queueproof.load.run_spec import Limits

GENTLE_PER_S = 2.0
_REQUESTS_PER_S = 5000.0
_GENTLE_REQUESTS_PER_S = 100.0
_REQUESTS_A_JOB = 20


def is_near(target: TargetConfig) -> bool:
    """Whether every address of the target is this machine's own; a launched one always is."""
    return all(_is_loopback(urlsplit(url).hostname or "") for url in target.urls)


def within_safety_limits(profile: Profile, target: TargetConfig, *, asked: float | None) -> Profile:
    """The profile as this target may be asked; raises UsageError when it may not at all.

    `asked` is the rate that somebody wrote down, which is respected.
    """
    if is_near(target):
        return profile
    if profile.climb is not None and not target.disposable:
        raise UsageError(
            f"the profile {profile.id} drives the target to its limits: say that it is "
            "--disposable, if it is"
        )
    if asked is not None or profile.peak <= GENTLE_PER_S or profile.climb is not None:
        return profile
    return replace(profile, rate=profile.rate * GENTLE_PER_S / profile.peak)


def limits_for(
    target: TargetConfig,
    profile: Profile,
    *,
    requests_per_s: float | None,
    error_ratio: float,
) -> Limits:
    """Where the run stops, whatever its schedule says."""
    if not 0 < error_ratio <= 1:
        raise UsageError(f"--max-errors {error_ratio:g}: a share, above 0 and at most 1")
    gentle = max(_GENTLE_REQUESTS_PER_S, _REQUESTS_A_JOB * profile.peak)
    allowed = _REQUESTS_PER_S if is_near(target) else gentle
    return Limits(requests_per_s=requests_per_s or allowed, error_ratio=error_ratio)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
