"""`pytest --queueproof-target=URL my_cases/` in a team's repository, as docs/extending.md says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ..end_to_end.conftest import PASSWORD, Reference, reference
from .conftest import Team, shown_files, write_files

__all__ = ["reference"]


def as_user(team: Team, reference: Reference) -> Team:
    return replace(team, environment={**team.environment, **reference.known})


def test_a_teams_case_is_judged_and_reported_by_pytest(team: Team, reference: Reference) -> None:
    done = as_user(team, reference).run(
        "pytest", f"--queueproof-target={reference.url}", "my_cases/", "-v"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "my_cases/test_order.py::test_progress_through_every_worker PASSED" in done.stdout
    assert PASSWORD not in done.stdout


def test_a_broken_promise_fails_the_test_with_what_was_seen(
    team: Team, reference: Reference, tmp_path: Path
) -> None:
    """And an ordinary test beside it runs as pytest runs tests."""
    files = shown_files("extending.md")
    case = files["my_cases/test_order.py"].replace(
        "expect(delivered).to_be_complete_and_in_order()",
        'expect_that(len(delivered.ticks) == 5, expected="five ticks", actual="four ticks")',
    )
    case = case.replace("    expect,\n", "    expect_that,\n")
    ordinary = "def test_of_our_own(tmp_path):\n    assert tmp_path.is_dir()\n"
    write_files(
        tmp_path,
        {
            "cases/requirements/order.toml": files["my_cases/requirements/order.toml"],
            "cases/test_order.py": case,
            "cases/test_ours.py": ordinary,
        },
    )
    done = replace(as_user(team, reference), folder=tmp_path).run(
        "pytest", f"--queueproof-target={reference.url}", "cases"
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "expected  five ticks" in done.stdout
    assert "actual    four ticks" in done.stdout
    assert "--only ACME-ORDER-001" in done.stdout


def test_cases_without_a_target_are_a_usage_error(team: Team) -> None:
    """A suite that judged nothing must not be green."""
    done = team.run("pytest", "my_cases")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "suites need a target" in done.stderr


def test_a_target_that_is_not_there_is_a_usage_error(team: Team) -> None:
    done = team.run("pytest", "--queueproof-target=http://127.0.0.1:9", "my_cases")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "refuses connections" in done.stderr


def test_a_repository_without_cases_notices_nothing(team: Team, tmp_path: Path) -> None:
    """Fixtures of the same names are the repository's own; nothing heavy is imported."""
    write_files(
        tmp_path,
        {
            "test_ours.py": "import sys\nimport pytest\n\n\n@pytest.fixture\ndef target():\n"
            "    return 7\n\n\ndef test_ours(target):\n    assert target == 7\n"
            "    assert 'httpx' not in sys.modules\n"
        },
    )
    done = replace(team, folder=tmp_path).run("pytest", "-q")

    assert done.returncode == 0, done.stdout + done.stderr
