"""On GitHub nobody but the run's own end gives commands in the log."""

from __future__ import annotations

import re
import sys

import pytest

from queueproof.reporting.ci_log import log_without_commands, own_commands

ON_GITHUB = {"GITHUB_ACTIONS": "true"}


def obeyed(log: str) -> list[str]:
    """The commands in a log that GitHub's runner would obey, as its documentation says."""
    commands, waiting = [], ""
    for line in log.splitlines():
        if waiting:
            waiting = "" if line.strip() == f"::{waiting}::" else waiting
        elif found := re.match(r"::stop-commands::(.+)", line.strip()):
            waiting = found[1]
        elif line.strip().startswith("::") and line.count("::") > 1:
            commands.append(line)
    return commands


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def test_what_is_printed_meanwhile_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """The run's own annotations are, and what another step prints afterwards."""
    with log_without_commands(ON_GITHUB):
        say("::error::of the target")
        with own_commands():
            say("::error::of the run")
        say("::set-env name=PATH::of the target")
    say("::notice::of another step")

    assert obeyed(capsys.readouterr().out) == ["::error::of the run", "::notice::of another step"]


def test_no_word_that_was_seen_ends_a_stop(capsys: pytest.CaptureFixture[str]) -> None:
    """Each stop has a word of its own, long enough not to be guessed."""
    with log_without_commands(ON_GITHUB):
        with own_commands():
            pass
        with own_commands():
            pass

    words = re.findall(r"::stop-commands::(.+)", capsys.readouterr().out)
    assert len(set(words)) == len(words) == 3
    assert all(len(word) > 32 for word in words)


def test_an_end_that_is_an_error_gives_the_log_back(capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise no later step could annotate anything."""
    with pytest.raises(SystemExit), log_without_commands(ON_GITHUB), own_commands():
        raise SystemExit(1)
    say("::notice::of another step")

    assert obeyed(capsys.readouterr().out) == ["::notice::of another step"]


def test_elsewhere_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody obeys there."""
    with log_without_commands({}), own_commands():
        say("line")

    assert capsys.readouterr().out == "line\n"


def test_what_is_printed_for_a_program_has_no_commands_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of `--json` the runner is told on the other stream, which it reads as well."""
    with log_without_commands(ON_GITHUB, sys.stderr):
        say("{}")
    with log_without_commands(ON_GITHUB):
        pass

    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "{}"
    assert told.err.count("::") == 4
    assert told.out.count("::stop-commands::") == 1
