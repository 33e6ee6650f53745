"""Whatever a command line holds, it is taken, or refused in one line with exit code 2."""

from __future__ import annotations

import contextlib
import os
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof.config.load import load_target
from queueproof.errors import UsageError
from queueproof.verdicts import ExitCode

from .inputs import BOUNDED, SECRET, command, judge
from .test_files import MAPPING, as_toml

OPTIONS = {
    "gate": (
        *("--contract", "--config", "--only", "--seed", "--stack", "--workers", "--redis"),
        *(
            "--redis-url",
            "--baseline",
            "--setting",
            "--parallel",
            "--patience",
            "--repeat",
            "--nonesuch",
        ),
    ),
    "explore": (
        "--duration",
        "--parallel",
        "--minutes",
        "--contract",
        "--config",
        "--replay",
        "--workers",
    ),
    "load": (
        *("--duration", "--rate", "--gate", "--parallel", "--listen", "--ui-port", "--only"),
        *("--max-requests", "--max-errors", "--seed", "--workers"),
    ),
    "chaos": (
        "--only",
        "--parallel",
        "--at-once",
        "--cell",
        "--replay",
        "--stack",
        "--seed",
        "--contract",
    ),
}
WORDS = st.one_of(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        [
            *(
                "nan",
                "inf",
                "-1",
                "0",
                "1e400",
                "/nonesuch",
                ".",
                "/dev/null",
                "A=B",
                "=",
                "langflow",
            ),
            *("127.0.0.1:99999", "[::1", "submit.p99_ms=nan", "POLL-001,POLL-002", "12-cut-after"),
            *(f"redis://:{SECRET}@h/1", f"http://u:{SECRET}@h", f"API_TOKEN={SECRET}", "60s"),
        ]
    ),
)


def _given(name: str) -> st.SearchStrategy[list[str]]:
    pairs = st.tuples(st.sampled_from(OPTIONS[name]), WORDS)
    urls = st.lists(st.one_of(WORDS, st.just("http://127.0.0.1:1")), max_size=1)
    return st.tuples(st.lists(pairs, max_size=3), urls).map(
        lambda made: [name, *(word for pair in made[0] for word in pair), *made[1]]
    )


@contextlib.contextmanager
def nothing_runs() -> Iterator[None]:
    """What would be run is not: options alone are looked at."""
    with contextlib.ExitStack() as stack:
        for place in (
            *("running.gate.run_gate", "running.repeating.run_repeatedly"),
            *("exploring.exploration.run_explore",),
            *("load.run.run_load", "chaos.report.run_chaos", "chaos.sweep_report.run_sweep"),
            *("chaos.replay.run_replay", "cli.explore._replay", "load.generating.join"),
        ):
            patched = mock.patch(f"queueproof.{place}", return_value=ExitCode.PASSED)
            stack.enter_context(patched)
        yield


@BOUNDED
@given(words=st.sampled_from(sorted(OPTIONS)).flatmap(_given))
def test_any_options_end_as_documented(words: list[str]) -> None:
    with nothing_runs():
        judge(command(*words), codes=(0, 2))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "--join", "127.0.0.1:99999"), "--join '127.0.0.1:99999': write it like"),
        (("load", "--join", "127.0.0.1:0"), "a port from 1 to 65535"),
        (("load", "--join", "7"), "write it like"),
        (("load", "--listen", "127.0.0.1:70000"), "--listen '127.0.0.1:70000': write it like"),
        (("gate", "--patience", "nan"), "--patience must be a number, not nan"),
        (("gate", "--patience", "-1"), "--patience must not be negative"),
        (("gate", "--workers", "0"), "--workers must be at least 1"),
        (("gate", "--workers", "-3"), "--workers must be at least 1"),
        (("gate", "--workers", "three"), "(see queueproof gate --help)"),
        (("gate", "--nonesuch"), "No such option: --nonesuch (see queueproof gate --help)"),
        (("gate", "http://h/\udcff"), "is no http or https URL"),
        (("nonesuch",), "No such command 'nonesuch'"),
        (("serve", "127.0.0.1"), "serve 127.0.0.1: there are langflow and flowise"),
    ],
)
def test_a_value_out_of_range_is_refused_before_anything_runs(
    words: tuple[str, ...], said: str
) -> None:
    with nothing_runs():
        ended = command(*words)

    judge(ended, codes=(2,))
    assert said in ended.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[timings]\nanswer_s = nan", "answer_s must be a number, not nan"),
        ("[target]\nworkers = 0", "workers must be at least 1"),
        ("[target]\nworkers = -3", "workers must be at least 1"),
        ("[target]\nwitness_port = -5", "witness_port must be at least 0"),
        ("[target]\nwitness_port = 70000", "witness_port must be at most 65535"),
        (
            "[launch]\ncommand = ['x']\ndata_template = '/nonesuch'",
            "data_template = '/nonesuch' is no folder",
        ),
        ("[launch]\ncommand = ['x']\nat_once = 0", "at_once must be at least 1"),
        ('[launch]\ncommand = ["x\\u0000"]', "command[0] holds a control character"),
    ],
)
def test_a_value_in_a_file_is_refused_before_anything_runs(
    tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "target.toml"
    path.write_text(line, "utf-8")

    with nothing_runs():
        ended = command("gate", "--config", str(path))

    judge(ended, codes=(2,))
    assert said in ended.err


def test_a_witness_port_in_use_is_told(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path.write_text(
            f"[target]\nurls = ['http://127.0.0.1:1']\nwitness_port = {port}\n", "utf-8"
        )
        with nothing_runs():
            ended = command("gate", "--config", str(path))

    judge(ended, codes=(2,))
    assert f"witness_port = {port} is in use" in ended.err


def test_several_words_of_only_are_taken_apart() -> None:
    with nothing_runs(), mock.patch("queueproof.running.gate.run_gate", return_value=0) as run:
        command("gate", "--only", "POLL-001, cancel", "--only", "POLL-003", "http://127.0.0.1:1")

    assert run.call_args.args[0].only == ("POLL-001", "cancel", "POLL-003")


@pytest.mark.parametrize(
    "error", [OSError("x"), BrokenPipeError("x"), EOFError("x"), KeyError("x")]
)
def test_what_was_not_foreseen_is_a_line_and_code_5(error: Exception) -> None:
    """A broken pipe and an end of file too, for which the command-line library has a code 1."""
    with mock.patch("queueproof.running.gate.run_gate", side_effect=error):
        ended = command("gate", "http://127.0.0.1:1")

    assert ended.code == 5
    assert len(ended.err.splitlines()) == 1
    assert "own error" in ended.err
    assert "QUEUEPROOF_DEBUG=1" in ended.err


def test_debugging_shows_where() -> None:
    """The traceback comes before the line."""
    with mock.patch("queueproof.running.gate.run_gate", side_effect=KeyError("x")):
        ended = command("gate", "http://127.0.0.1:1", QUEUEPROOF_DEBUG="1")

    assert ended.code == 5
    assert ended.err.startswith("Traceback")
    assert ended.err.splitlines()[-1].startswith("queueproof: queueproof's own error")


@pytest.mark.parametrize(
    ("words", "passed_on"),
    [
        (("--host", "::1", "--port", "1"), ["langflow", "--host", "::1", "--port", "1"]),
        (("langflow", "--host", "::1"), ["langflow", "--host", "::1"]),
        (("flowise", "start", "--host", "::1"), ["flowise", "start", "--host", "::1"]),
    ],
)
def test_serve_passes_its_options_on(words: tuple[str, ...], passed_on: list[str]) -> None:
    with mock.patch.object(os, "execv") as become:
        assert command("serve", *words).code == 0

    assert become.call_args.args[1][-len(passed_on) :] == passed_on


HOSTILE = [r"(?:a+)+(\d)", r"(?:a|aa)*(\d)", r"(\d+)(?:\s*,)*", r".*.*.*.*(\d)", r"((?:x{1,9})+)"]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_pattern_that_could_be_kept_busy_for_ever_is_refused(
    tmp_path: Path, pattern: str
) -> None:
    document = {**MAPPING, "mapping": {**MAPPING["mapping"]}}
    document["mapping"]["event"] = {**MAPPING["mapping"]["event"], "pattern": pattern}
    path = tmp_path / "target.toml"
    path.write_text(as_toml(document), "utf-8")
    assert tomllib.loads(path.read_text("utf-8"))

    with pytest.raises(UsageError, match="busy for ever"):
        load_target(path, {})
