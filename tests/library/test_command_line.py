"""The command line as people meet it: help, selections, what is printed where."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from queueproof.bench.parts import PARTS
from queueproof.cli import completion, options
from queueproof.cli.bench import PART_WORDS
from queueproof.cli.main import COMMANDS, app
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.reporting import json_report
from queueproof.requirements import load_registry
from queueproof.running.selection import chosen_rows, in_shard, only_last_failed
from queueproof.targets.contracts import contract_names
from queueproof.verdicts import Verdict

from ..reporting import samples

RUNS = ("gate", "chaos", "explore", "load")
#: What nobody needs in order to list the commands, and costs much to import.
HEAVY = {"pytest", "jinja2", "httpx", "redis", "hypothesis", "queueproof.cli.options"}
#: What a list of words needs least of all.
FOR_DRAWING = {"rich", "pydantic", "queueproof.config.model", "importlib.metadata"}


def command(*words: str) -> Any:
    """The command behind a line's first words."""
    found: Any = typer.main.get_command(app)
    context = found.make_context("queueproof", list(words), resilient_parsing=True)
    _, found, rest = found.resolve_command(context, list(words))
    return command_below(found, context, rest) if rest else found


def command_below(group: Any, parent: Any, words: list[str]) -> Any:
    context = group.make_context("group", list(words), parent=parent, resilient_parsing=True)
    return group.resolve_command(context, list(words))[1]


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    """They are written down twice, so that the list imports no command."""
    for name, words in COMMANDS.items():
        what = getattr(import_module(f"queueproof.cli.{name}"), name)
        own = what.info.help if isinstance(what, typer.Typer) else inspect.getdoc(what)
        first = " ".join(str(own).split("\n\n")[0].split()).replace("**", "")
        assert first.startswith(words), name


def test_the_list_of_commands_imports_no_command() -> None:
    """It is shown at once."""
    source = (
        "import sys; sys.argv = ['queueproof', '-h']\n"
        "from queueproof.cli.main import app\n"
        "app(standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True
    )

    assert "gate" in done.stdout
    assert not (HEAVY | FOR_DRAWING) & set(done.stderr.split())


@pytest.mark.parametrize("name", RUNS)
def test_the_help_of_a_run_needs_nothing_that_runs(name: str) -> None:
    """A command's options are known without the machinery behind it."""
    source = f"import sys, queueproof.cli.{name}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True
    )

    assert not (HEAVY - {"queueproof.cli.options"}) & set(done.stdout.split())


@pytest.mark.parametrize("name", [*COMMANDS, "report open", "report diff", "report issue"])
def test_help_has_a_short_word_and_flags_have_no_type(name: str) -> None:
    found = command(*name.split())
    context = found.make_context("x", [], resilient_parsing=True)

    assert context.help_option_names == ["-h", "--help"]
    for parameter in found.get_params(context):
        shown = str(parameter.display_type_rich(context) or "")
        assert "<" not in shown, parameter.name
        if getattr(parameter, "is_flag", False):
            assert shown == "", parameter.name


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "report"])
def test_the_options_of_a_command_are_in_panels(name: str) -> None:
    """The help of twenty options in one box is read by nobody."""
    found = command(name)
    context = found.make_context("x", [], resilient_parsing=True)
    options = [p for p in found.get_params(context) if p.param_type_name == "option"]
    alone = [p.name for p in options if not getattr(p, "rich_help_panel", None)]
    assert alone == ["help"]


def test_the_help_of_a_benchmark_names_its_parts() -> None:
    assert set(PART_WORDS) == set(PARTS)


def test_choices_are_shown() -> None:
    found = command("report", "diff")
    context = found.make_context("x", [], resilient_parsing=True)
    shown = {p.name: p.metavar for p in found.get_params(context)}
    assert shown["form"] == "[terminal|markdown|html]"


def declared(tree: ast.AST) -> dict[str, str]:
    """The parameters of a command, or the fields of groups, with their annotations as written."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = ast.unparse(node.annotation)
        elif isinstance(node, ast.arg) and node.annotation:
            found[node.arg] = ast.unparse(node.annotation)
    return found


def test_options_of_several_commands_are_declared_in_one_place() -> None:
    """One word, one help: what two runs have in common is in `options.py`."""
    places = [ast.parse(Path("queueproof/cli/option_groups.py").read_text("utf-8"))]
    for name in RUNS:
        tree = ast.parse(Path(f"queueproof/cli/{name}.py").read_text("utf-8"))
        places += [
            node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
        ]
    shared: dict[str, set[str]] = {}
    for place in places:
        for name, written in declared(place).items():
            shared.setdefault(name, set()).add(written)
    for name in ("out", "seed", "quiet", "verbose", "as_json", "no_color", "list_them", "shard"):
        assert all(each.startswith("options.") for each in shared[name]), name


@pytest.mark.parametrize("name", ["gate", "chaos", "explore", "load"])
def test_a_run_repeats_no_option_of_a_group(name: str) -> None:
    """Which target, where its servers come from, what is printed: each is one parameter."""
    groups = declared(ast.parse(Path("queueproof/cli/option_groups.py").read_text("utf-8")))
    tree = ast.parse(Path(f"queueproof/cli/{name}.py").read_text("utf-8"))
    [function] = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    ]

    own = {argument.arg for argument in function.args.args}
    fields = {key for key, written in groups.items() if written.startswith("options.")}
    assert "urls" in fields
    assert own & fields <= {"redis"}  # load knows no containers


def test_contracts_to_choose_from_are_shown() -> None:
    """And are those that there are."""
    found = next(p for p in command("gate").params if p.name == "contract")

    assert found.metavar == f"[{'|'.join(sorted(contract_names()))}]"


def test_ids_areas_scenarios_and_profiles_are_completed() -> None:
    line = SimpleNamespace(params={"contract": "flowise"})
    langflow = [word for word, _ in completion.requirements(None, "poll")]
    assert {"POLL-003", "polling"} <= set(langflow)
    ids = {row.id for row in load_registry("flowise")}
    offered = [word for word, told in completion.requirements(line, "") if told != "an area"]
    assert set(offered) == ids
    assert "CHAOS-001" in dict(completion.scenarios(None, "chaos-0"))
    assert "steady" in dict(completion.profiles(None, "st"))
    assert completion.contracts("flow") == ["flowise"]


def test_every_case_is_in_exactly_one_shard() -> None:
    cases = [f"suites/x.py::test_{number}" for number in range(17)]

    parts = [in_shard(cases, (number, 5)) for number in range(1, 6)]

    assert sorted(case for part in parts for case in part) == sorted(cases)
    assert parts == [in_shard(reversed(cases), (number, 5)) for number in range(1, 6)]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert in_shard(cases, None) == set(cases)


@pytest.mark.parametrize("written", ["0/3", "4/3", "3", "a/b", "1/0", "-1/2"])
def test_a_shard_that_is_none_is_a_mistake(written: str) -> None:
    with pytest.raises(UsageError, match="--shard"):
        options.shard_of(written)


def config(tmp_path: Path, **more: Any) -> RunConfig:
    return RunConfig(target=TargetConfig(), embedded=True, out=tmp_path, **more)


def test_what_is_named_is_left_out(tmp_path: Path) -> None:
    registry = load_registry("langflow")
    all_rows = {row.id for row in chosen_rows(registry, config(tmp_path))}
    rows = {row.id for row in chosen_rows(registry, config(tmp_path, without=("polling",)))}

    assert all_rows - rows == {row.id for row in registry if row.area == "polling"} & all_rows
    with pytest.raises(UsageError, match="--not POLL-99"):
        chosen_rows(registry, config(tmp_path, without=("POLL-99",)))
    with pytest.raises(UsageError, match="--not leaves nothing"):
        chosen_rows(registry, config(tmp_path, only=("POLL-003",), without=("polling",)))


def report(folder: Path, verdicts: dict[str, Verdict]) -> None:
    rows = [samples.row(name, samples.case(name, verdict)) for name, verdict in verdicts.items()]
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json_report.render(samples.result(*rows)), "utf-8")


def test_what_failed_last_is_asked_again(tmp_path: Path) -> None:
    """Of the newest report of a gate, within what else is asked for."""
    with pytest.raises(UsageError, match="there is no report"):
        only_last_failed(config(tmp_path))
    last = {
        "POLL-003": Verdict.FAILED,
        "CANC-001": Verdict.INCONCLUSIVE,
        "STRM-002": Verdict.PASSED,
    }
    report(tmp_path / "1", last)

    assert set(only_last_failed(config(tmp_path)).only) == {"POLL-003", "CANC-001"}
    assert only_last_failed(config(tmp_path, only=("cancel",))).only == ("CANC-001",)
    with pytest.raises(UsageError, match="nothing of what is asked failed"):
        only_last_failed(config(tmp_path, only=("streaming",)))


def test_a_table_of_requirements_is_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    def written(*words: str) -> str:
        app(["requirements", *words], standalone_mode=False)
        return capsys.readouterr().out

    rows = json.loads(written("polling", "--access", "http", "--format", "json"))
    assert {row["access"] for row in rows} == {"http"}
    assert "POLL-003" in {row["id"] for row in rows}
    table = written("POLL-003", "--format", "csv").splitlines()
    assert table[0] == "id,level,access,requirement,heading"
    assert table[1].startswith("POLL-003,SHOULD,http,")
    assert written("POLL-003", "--format", "md").startswith("| id | level |")


def test_a_wrong_id_is_told_as_it_was_written() -> None:
    with pytest.raises(UsageError, match=r"^POLL-0003: neither"):
        app(["requirements", "POLL-0003"], standalone_mode=False)


def test_quiet_and_verbose_are_no_pair() -> None:
    with pytest.raises(UsageError, match="--quiet and --verbose"):
        options.screen_of(quiet=True, verbose=True)
