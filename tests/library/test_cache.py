"""Where notes and programs are kept, on machines where that is not a matter of course."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import NotAssessed, UsageError
from queueproof.stack.cache import VARIABLE, cache_folder, cache_place
from queueproof.stack.journal import Journal, Undo
from queueproof.stack.old_faults import heal_old_faults

_UNDO = Undo("redis", "127.0.0.1:1", {"commands": []})


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as an arbitrary number."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (VARIABLE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)

    with pytest.raises(UsageError, match=f"set HOME, or {VARIABLE}"):
        cache_place("bin")


def test_what_cannot_be_noted_is_not_disturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that is a file; looking for what others left needs none."""
    (tmp_path / "cache").write_text("in the way", "utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))

    with pytest.raises(UsageError, match=f"give {VARIABLE} a folder"):
        cache_folder("bin")
    with pytest.raises(NotAssessed, match=f"nothing is disturbed .* give {VARIABLE} a folder"):
        Journal().note(_UNDO)
    target = TargetConfig(redis_url="redis://127.0.0.1:1/0", disposable=True)
    assert asyncio.run(heal_old_faults(target)) == []
