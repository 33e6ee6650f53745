"""A matrix of outages is filled cell by cell, and what has a verdict is never played again."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from queueproof.errors import Inconclusive, UsageError
from queueproof.lab import library_measures, running
from queueproof.lab.library_measures import DoneWitness, latencies_s, mean_memory_mb, row_of
from queueproof.lab.matrix_plan import (
    MOST_LOOKS,
    LeftToPlay,
    default_words,
    description,
    folder_name,
    left_to_play,
    played_alike,
    systems_of,
)
from queueproof.lab.matrix_run import MatrixConfig, MatrixRun
from queueproof.lab.own_command import run_command
from queueproof.lab.recipe import Choice, choose, load_recipes
from queueproof.lab.running import Visit, outages_of
from queueproof.reporting.model import RunResult
from queueproof.targets.witness import Sighting
from queueproof.verdicts import ExitCode, Verdict
from tests.reporting import queue_samples, samples
from tests.reporting.queue_samples import chaos_of, entry, visit

RECIPES = load_recipes()
NAMES = ("CHAOS-201", "CHAOS-214")
PASSED, BUSY = Verdict.PASSED, Verdict.INCONCLUSIVE
WHOLE_GATE = queue_samples.gate_of(samples.row("POLL-001", samples.case("POLL-001", PASSED)))
BUSY_GATE = queue_samples.gate_of(samples.row("POLL-001", samples.case("POLL-001", BUSY)))


class Played:
    """Stands in for the program: writes what it is given, and remembers what was asked."""

    def __init__(self, *results: RunResult | int) -> None:
        self.results = list(results)
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str], within_s: float, log: Path) -> int:  # noqa: ARG002
        self.commands.append(list(command))
        log.write_text("queueproof: the registry has no such version\n", "utf-8")
        result = self.results.pop(0)
        if isinstance(result, int):
            return result
        home = Path(command[command.index("--out") + 1]).parent
        said = json.loads((home / "visit.json").read_text("utf-8"))
        kind = "gate" if "--gate" in command else "outages"
        number = len(list(home.glob("*/*/report.json")))
        queue_samples.put(home.parent.parent, home.name, said, **{f"{kind}_{number}": result})
        return int(result.exit_code)


def config(folder: Path, *words: str, **more: bool) -> MatrixConfig:
    return MatrixConfig(
        folder=folder,
        systems=systems_of(words or ("rq==3.0.0",), RECIPES),
        outages=outages_of("generic", NAMES),
        seed=7,
        **more,
    )


def test_every_library_is_in_the_matrix_with_its_newest_release_first() -> None:
    words = default_words(RECIPES)
    libraries = {recipe.system for recipe in RECIPES if recipe.bridge and recipe.matrix}

    assert {word.partition(":")[0].partition("==")[0] for word in words} == libraries
    assert len({word.partition(":")[0] for word in words[: len(libraries)]}) == len(libraries)
    for word in words:
        systems_of([word], RECIPES)


@pytest.mark.parametrize(
    ("words", "beside", "says"),
    [
        (["langflow"], (), "is none"),
        (["rq:nosuch"], (), "no variant"),
        (["nosuch"], (), "no system"),
        ([], ("kombu==5.3.7",), "name the library"),
    ],
)
def test_what_is_no_library_is_refused(
    words: list[str], beside: tuple[str, ...], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        systems_of(words, RECIPES, beside=beside)


def test_a_release_and_its_variant_are_two_systems() -> None:
    found = systems_of(["celery==5.7.0", "celery==5.7.0:acks-late", "celery==5.7.0"], RECIPES)

    assert [folder_name(one) for one in found] == ["celery-5.7.0", "celery-5.7.0--acks-late"]


def test_a_system_is_described_with_its_settings_and_what_its_documentation_promises() -> None:
    choice = choose("celery", RECIPES, variant="acks-late")

    said = description(choice, 2, outages_of("generic", NAMES))

    assert said["settings"]["BRIDGE_ACKS_LATE"] == "true"
    assert 'delivery = "at-least-once" (Glossary > late acknowledgment)' in said["promises"]
    assert [one["id"] for one in said["outages"]] == list(NAMES)


@pytest.mark.parametrize(
    ("runs", "left"),
    [
        ({}, [LeftToPlay("gate", ()), LeftToPlay("outages", NAMES)]),
        (
            {"gate_1": WHOLE_GATE, "outages_1": chaos_of(entry(NAMES[0]))},
            [LeftToPlay("outages", (NAMES[1],))],
        ),
        (
            {"gate_1": BUSY_GATE, "outages_1": chaos_of(entry(NAMES[0]), entry(NAMES[1], BUSY))},
            [LeftToPlay("gate", ("POLL-001",)), LeftToPlay("outages", (NAMES[1],))],
        ),
        (
            {
                "gate_1": WHOLE_GATE,
                "outages_1": chaos_of(
                    entry(NAMES[0], Verdict.FAILED), entry(NAMES[1], Verdict.NOT_ASSESSED)
                ),
            },
            [],
        ),
    ],
)
def test_a_cell_with_a_verdict_is_not_played_again(
    tmp_path: Path, runs: dict[str, RunResult], left: list[LeftToPlay]
) -> None:
    home = queue_samples.put(tmp_path, "rq-3.0.0", visit(), **runs)

    assert left_to_play(home, NAMES, gate=True) == left


def test_a_gate_that_broke_off_is_played_again_whole_but_not_for_ever(tmp_path: Path) -> None:
    rows = WHOLE_GATE.requirements
    broken_off, cut = (
        samples.result(*rows, verdict=Verdict.ERROR),
        queue_samples.gate_of(*rows, interrupted="by SIGINT"),
    )
    again = [LeftToPlay("gate", ())]
    home = queue_samples.put(tmp_path, "rq-3.0.0", visit(), gate_0=broken_off, gate_1=cut)

    assert left_to_play(home, (), gate=True) == again
    queue_samples.put(tmp_path, "rq-3.0.0", visit(), gate_2=cut, gate_3=broken_off)
    assert left_to_play(home, (), gate=True) == again
    queue_samples.put(tmp_path, "rq-3.0.0", visit(), gate_4=broken_off)
    assert left_to_play(home, (), gate=True) == []


def test_what_comes_to_no_verdict_is_not_asked_for_ever(tmp_path: Path) -> None:
    runs = {f"gate_{n}": BUSY_GATE for n in range(MOST_LOOKS)}
    runs |= {f"outages_{n}": chaos_of(entry(NAMES[0], BUSY)) for n in range(MOST_LOOKS)}
    home = queue_samples.put(tmp_path, "rq-3.0.0", visit(), **runs)

    assert left_to_play(home, NAMES, gate=True) == [LeftToPlay("outages", (NAMES[1],))]


def test_a_matrix_goes_on_where_it_was_cut_short(tmp_path: Path) -> None:
    """A second run plays what the first left; a third has nothing to do."""
    cut = chaos_of(entry(NAMES[0]), entry(NAMES[1], Verdict.NOT_ASSESSED), interrupted="by SIGINT")
    first, said = Played(WHOLE_GATE, cut), []
    second, third = Played(chaos_of(entry(NAMES[1], Verdict.FAILED))), Played()

    codes = [
        MatrixRun(config(tmp_path), said.append, start).play() for start in (first, second, third)
    ]

    assert codes == [ExitCode.INCONCLUSIVE, ExitCode.PASSED, ExitCode.PASSED]
    gate, outages = first.commands
    assert gate[:3] == ["lab", "rq==3.0.0", "--gate"]
    assert outages[2:7] == ["--chaos", "--only", NAMES[0], "--only", NAMES[1]]
    assert "--parallel" not in outages
    assert [command[2:5] for command in second.commands] == [["--chaos", "--only", NAMES[1]]]
    assert third.commands == []
    assert said[0] == "0 of 3 cells; rq==3.0.0: gate; about 2 min left"
    assert said[-1] == "3 of 3 cells have a verdict"


def test_each_run_is_noted_with_the_machines_load(tmp_path: Path) -> None:
    MatrixRun(config(tmp_path), print, Played(WHOLE_GATE, chaos_of(*map(entry, NAMES)))).play()

    said = json.loads((tmp_path / "runs" / "rq-3.0.0" / "visit.json").read_text("utf-8"))
    assert [run["kind"] for run in said["runs"]] == ["gate", "outages"]
    assert all(run["load_before"] >= 0 and run["processors"] for run in said["runs"])
    assert (tmp_path / "index.html").is_file()


def test_a_system_is_measured_once(tmp_path: Path) -> None:
    """Where that is asked for, after it was played."""
    start = Played(chaos_of(*map(entry, NAMES)), 0)
    first = config(tmp_path, gate=False, measure=True)

    MatrixRun(first, print, start).play()
    (tmp_path / "runs" / "rq-3.0.0" / "measures.json").write_text("{}", "utf-8")
    again = Played()
    MatrixRun(first, print, again).play()

    assert start.commands[-1][:3] == ["lab", "rq==3.0.0", "--measure"]
    assert again.commands == []


def test_what_cannot_be_measured_is_not_measured_for_ever(tmp_path: Path) -> None:
    run = config(tmp_path, gate=False, measure=True)
    MatrixRun(run, print, Played(chaos_of(*map(entry, NAMES)), 3)).play()

    later = [Played(3) for _ in range(MOST_LOOKS)]
    for start in later:
        MatrixRun(run, print, start).play()

    assert [len(start.commands) for start in later] == [1] * (MOST_LOOKS - 1) + [0]


@pytest.mark.parametrize("error", [httpx.ReadTimeout("silent"), httpx.ConnectError("gone")])
def test_a_bridge_that_falls_silent_is_no_error_of_ours(error: httpx.HTTPError) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async def latencies() -> None:
        witness = DoneWitness()
        await witness.start()
        try:
            transport = httpx.MockTransport(fail)
            async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
                await latencies_s(client, witness, in_flight=3, for_s=0.1)
        finally:
            await witness.stop()

    with pytest.raises(Inconclusive, match=f"a submit got no answer: .*{error}"):
        asyncio.run(latencies())


def test_workers_that_are_gone_have_no_memory_to_measure() -> None:
    with pytest.raises(Inconclusive, match="there is no worker program"):
        mean_memory_mb([])
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(Inconclusive, match="has ended"):
        mean_memory_mb([gone.pid])
    assert mean_memory_mb([os.getpid()]) > 1.0


def test_a_measure_without_an_answer_says_why_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(choice: Choice) -> dict[str, object]:
        raise Inconclusive(f"{choice.name} [told] nothing")

    monkeypatch.setattr(library_measures, "measure", silent)
    told = io.StringIO()
    asked = Visit(choice=choose("rq==3.0.0", RECIPES), workers=2, out=tmp_path)

    code = running.measure(asked, Console(file=told))

    assert code is ExitCode.INCONCLUSIVE
    assert "not measured: rq==3.0.0 [told] nothing" in told.getvalue()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("took_s", "row"),
    [
        ([0.5], {"jobs": 1, "per_s": 0.1, "p50_s": 0.5, "p99_s": 0.5}),
        ([0.01] * 98 + [0.2] * 2, {"jobs": 100, "per_s": 12.5, "p50_s": 0.01, "p99_s": 0.2}),
    ],
)
def test_a_row_of_measures(took_s: list[float], row: dict[str, float]) -> None:
    assert row_of(8, took_s, 8.0) == {"in_flight": 8, **row}


def test_a_witness_wakes_whoever_waits_for_a_job() -> None:
    """Also one that comes to wait after the job was done."""

    async def heard() -> None:
        witness = DoneWitness()
        witness.saw("early", Sighting(0, 0.0))
        waiting = asyncio.create_task(witness.done("late"))
        await asyncio.sleep(0)
        witness.saw("late", Sighting(0, 0.0))
        async with asyncio.timeout(1.0):
            await witness.done("early")
            await waiting

    asyncio.run(heard())


def test_a_system_that_cannot_be_installed_is_open_with_the_reason(tmp_path: Path) -> None:
    """And the others are played."""
    start = Played(2, 2, WHOLE_GATE, chaos_of(*map(entry, NAMES)))

    code = MatrixRun(config(tmp_path, "rq==3.0.0", "huey==3.5.4"), print, start).play()

    assert code is ExitCode.INCONCLUSIVE
    data = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    huey, rq = data["systems"]
    assert {cell["standing"] for cell in huey["cells"]} == {"held"}
    assert {cell["reason"] for cell in rq["cells"]} == {
        "queueproof: the registry has no such version"
    }


def test_more_outages_are_added_to_a_matrix_that_is_there(tmp_path: Path) -> None:
    one = MatrixConfig(
        folder=tmp_path,
        systems=systems_of(["rq==3.0.0"], RECIPES),
        outages=outages_of("generic", NAMES[:1]),
        gate=False,
    )
    MatrixRun(one, print, Played(chaos_of(entry(NAMES[0])))).play()
    more = Played(chaos_of(entry(NAMES[1])))

    MatrixRun(config(tmp_path, gate=False), print, more).play()

    assert [command[2:5] for command in more.commands] == [["--chaos", "--only", NAMES[1]]]
    data = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    assert [cell["standing"] for cell in data["systems"][0]["cells"]] == ["held", "held"]


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({"recipe": "0123456789abcdef"}, False),
        ({"settings": {"BRIDGE_ACKS_LATE": "true"}}, False),
        ({"workers": 3}, False),
        ({"queueproof": "0.0.1"}, False),
        ({"promises": ["unique_ids = true"]}, False),
        ({"reason": "busy"}, True),
    ],
)
def test_runs_that_were_played_otherwise_are_put_aside(
    tmp_path: Path, change: dict[str, object], alike: bool
) -> None:
    """Today's settings and promises stand above no cell that was played with others."""
    run = config(tmp_path, gate=False)
    MatrixRun(run, print, Played(chaos_of(*map(entry, NAMES)))).play()
    home = tmp_path / "runs" / "rq-3.0.0"
    said = json.loads((home / "visit.json").read_text("utf-8")) | change
    (home / "visit.json").write_text(json.dumps(said), "utf-8")
    again = Played() if alike else Played(chaos_of(*map(entry, NAMES)))

    MatrixRun(run, print, again).play()

    assert again.results == []
    assert (home / "earlier" / "1" / "visit.json").is_file() is not alike
    assert len(json.loads((home / "visit.json").read_text("utf-8"))["runs"]) == 1
    assert len(list(home.glob("outages/*/report.json"))) == 1


def test_where_a_promise_is_documented_decides_nothing() -> None:
    now = description(choose("celery", RECIPES), 2, ())
    elsewhere = [f"{told.partition(' (')[0]} (another heading)" for told in now["promises"]]

    assert played_alike({**now, "promises": elsewhere}, now)
    assert not played_alike({**now, "promises": elsewhere[1:]}, now)


def test_a_description_knows_its_recipe_again() -> None:
    """By all that it says of starting and judging the system, be it shown or not."""
    choice = choose("celery", RECIPES)
    launch = {**choice.recipe.launch, "worker_command": ["celery", "worker", "--pool", "solo"]}
    other = replace(choice, recipe=replace(choice.recipe, launch=launch))

    now, then = (description(one, 2, ()) for one in (choice, other))

    assert now["settings"] == then["settings"]
    assert not played_alike(then, now)
    assert played_alike({**now, "runs": []}, description(choice, 2, ()))


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """Its output is kept."""
    code = run_command(["lab"], 60.0, tmp_path / "one.log")
    stopped = run_command(["serve"], 0.5, tmp_path / "other.log")

    assert code == ExitCode.PASSED
    assert "celery" in (tmp_path / "one.log").read_text("utf-8")
    assert stopped != ExitCode.PASSED
