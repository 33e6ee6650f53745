"""Stand-alone reproductions: right steps, right symptoms, a script that runs by itself."""

from __future__ import annotations

import ast
import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from queueproof.errors import UsageError
from queueproof.reproducing.langflow_player import (
    CANNOT_TELL,
    Langflow,
    delivery,
    run,
    symptoms,
)
from queueproof.reproducing.report import bug_report
from queueproof.reproducing.steps import connections_of, probes_of, steps_of

from .records import RECORDS, report_on, result_of

SYMPTOMS = {
    "POLL-003": ["polling delivers ticks more than once"],
    "POLL-005": ["a poll after the end does not tell of the end"],
    "STRM-004": ["a stream loses ticks", "a stream ends without saying how"],
}


@pytest.mark.parametrize("requirement", RECORDS)
def test_the_record_itself_shows_the_symptoms_that_are_looked_for(requirement: str) -> None:
    """Judged by the same function that judges the replay."""
    rows = RECORDS[requirement]
    steps = steps_of(rows, "langflow")
    seen = [step["recorded"] for step in steps]
    assert symptoms(steps, seen, probes_of(rows, "langflow")) == SYMPTOMS[requirement]


def test_polls_that_follow_one_another_are_one_step_with_their_turns() -> None:
    """Twenty-six polls over three workers become one: until the end, b, c and a in turn."""
    submit, poll, cancel = steps_of(RECORDS["POLL-003"], "langflow")
    assert (submit["kind"], submit["workers"], submit["after"]) == ("submit", ["b"], [])
    assert (poll["kind"], poll["workers"], poll["until_end"]) == ("poll", ["b", "c", "a"], True)
    assert poll["after"] == [0]
    assert (cancel["tidy"], cancel["after"]) == (True, [1])
    assert probes_of(RECORDS["POLL-003"], "langflow") == {
        "job 1": {"ticks": 12, "interval_s": 0.08}
    }


def test_a_poll_after_the_end_is_a_step_of_its_own() -> None:
    """It is what the failure is about."""
    kinds = [
        (step["kind"], step.get("polls")) for step in steps_of(RECORDS["POLL-005"], "langflow")
    ]
    assert kinds == [("submit", None), ("poll", None), ("poll", 1), ("cancel", None)]


def test_streams_run_beside_one_another_on_connections_of_their_own() -> None:
    """All three wait for the submit alone."""
    steps = steps_of(RECORDS["STRM-004"], "langflow")
    assert [step["after"] for step in steps] == [[], [0], [0], [0]]
    assert connections_of(steps) == {"a": 4}


def test_what_a_history_says_of_the_probe_is_taken_as_it_is() -> None:
    """Newer histories carry the parameters; roles other than the user are not played."""
    rows = [dict(row) for row in RECORDS["POLL-005"]]
    rows[0]["asked"] = {"ticks": 3, "interval_s": 0.05, "fail_at": 2}
    rows[-1]["asked"] = {"role": "other user"}
    assert probes_of(rows, "langflow") == {"job 1": {"ticks": 3, "interval_s": 0.05, "fail_at": 2}}
    assert [step["kind"] for step in steps_of(rows, "langflow")] == ["submit", "poll", "poll"]


@pytest.mark.parametrize(
    ("ticks", "complete", "words"),
    [
        ([0, 1, 2], True, []),
        ([0, 1], False, []),
        ([0, 2], True, ["loses ticks"]),
        ([0, 2, 1], True, ["delivers ticks out of order"]),
        ([0, 1, 1, 2], True, ["delivers ticks more than once"]),
    ],
)
def test_a_readers_ticks_are_counted(ticks: list[int], complete: bool, words: list[str]) -> None:
    """A loss only counts where reading went to the end."""
    assert delivery(ticks, range(3), complete) == words


@pytest.mark.parametrize("requirement", RECORDS)
def test_a_script_imports_nothing_but_httpx(requirement: str) -> None:
    """Besides the standard library; its data are literals that Python reads."""
    tree = ast.parse(report_on(requirement).script)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    strangers = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert strangers == {"httpx"}


def test_a_dead_target_is_not_called_broken(tmp_path: Path) -> None:
    """The script stands alone, and says that it could not tell."""
    made = report_on("POLL-005")
    script = tmp_path / made.script_name
    script.write_text(made.script, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(script), "http://127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "could not be played: ConnectError" in done.stdout
    assert (done.returncode, done.stderr) == (CANNOT_TELL, "")


def test_a_script_without_a_target_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    """And does not claim to have reproduced anything."""
    assert run([]) == CANNOT_TELL
    assert capsys.readouterr().out.startswith("usage: ")


def test_the_report_has_everything_an_issue_needs() -> None:
    """Versions, expected, actual, curl, script, and the command of ours."""
    page = report_on("POLL-003").markdown
    for words in (
        "Langflow 1.13.0, 3 workers seen",
        "**Expected** every tick once",
        'JOB1=$(curl -s "$URL/api/v1/build/$FLOW/flow"',
        "Poll again and again until the end event (worker b c a in the record)",
        "python reproduce_poll_003.py http://127.0.0.1:7860",
        "queueproof gate --only POLL-003",
        "wrong: polling delivers ticks more than once",
    ):
        assert words in page


def test_no_word_of_a_record_is_code_in_what_is_made_of_it() -> None:
    """A report may come from somebody else, and what it quotes from a target that is no friend."""
    word = 'x\n"""\nimport os\nos.abort()\n"""$(touch pwned)`id`\x1b]8;;http://x\x07'
    result = result_of("POLL-003")
    case = replace(result.requirements[0].cases[0], expected=word, actual=word)
    row = replace(result.requirements[0], sentence=word, source=word, cases=(case,))
    hostile = replace(
        result,
        requirements=(row,),
        run=replace(result.run, id=word, tool_version=word),
        target=replace(result.target, version=word, urls=("http://h/$(touch${IFS}pwned)",)),
    )
    taken = [{**each, "worker": word, "detail": word} for each in RECORDS["POLL-003"]]
    struck = {**taken[0], "kind": "fault", "job": None}

    made = bug_report(hostile, [*taken, struck], "POLL-003")

    documented, *code = ast.parse(made.script).body
    assert isinstance(documented, ast.Expr)
    assert all(not isinstance(node, ast.Expr) for node in code)
    assert "\x1b" not in made.script + made.markdown
    case_of = next(node for node in code if isinstance(node, ast.AnnAssign))
    assert "\x1b" not in str(ast.literal_eval(str(case_of.value and ast.unparse(case_of.value))))
    _, _, shell = made.markdown.partition("```sh\n")
    commands = shell.partition("\n```")[0].replace("'http://h/$(touch${IFS}pwned)'", "")
    acted_on = [line for line in commands.splitlines() if not line.startswith("#")]
    assert not [line for line in acted_on if "pwned" in line or "abort" in line]


def test_another_contract_gets_a_report_without_a_script() -> None:
    """Rather no steps than wrong ones."""
    result = result_of("POLL-003")
    other = replace(result, target=replace(result.target, contract="another"))
    made = bug_report(other, RECORDS["POLL-003"], "POLL-003")
    assert made.script == ""
    assert "curl" not in made.markdown


def test_what_did_not_fail_cannot_be_reported() -> None:
    """The message says what could be."""
    with pytest.raises(UsageError, match="knows no requirement POLL-999"):
        bug_report(result_of("POLL-003"), [], "POLL-999")
    with pytest.raises(UsageError, match=r"failed: test_a_poll"):
        bug_report(result_of("POLL-003"), [], "POLL-003", case="nonesuch")


def test_a_script_goes_the_same_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A front's headers and an API key by variables; a token leaves Authorization to the front."""
    monkeypatch.setenv("TARGET_HEADERS", "x-tenant: acme\n\nauthorization: Basic am9lOnNlY3JldA==")
    monkeypatch.setenv("TARGET_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("LANGFLOW_TOKEN", "a-token")

    async def entered() -> tuple[httpx.Headers, dict[str, str], dict[str, str]]:
        target = Langflow("http://127.0.0.1:2")
        async with target.connection() as client:
            await target.log_in(client)
            by_token = target.headers
            monkeypatch.setenv("LANGFLOW_API_KEY", "sk-key")
            await target.log_in(client)
            return client.headers, by_token, target.headers

    front, by_token, by_key = asyncio.run(entered())

    assert (front["x-tenant"], front["authorization"][:5]) == ("acme", "Basic")
    assert by_token == {"Cookie": "access_token_lf=a-token"}
    assert by_key == {"x-api-key": "sk-key"}
