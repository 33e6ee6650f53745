"""Who ran beside a case runs beside it again when it is looked at in company."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from queueproof.running.company import MOST, Company


def case(name: str, *, alone: bool = False) -> Any:
    return SimpleNamespace(id=name, mark=SimpleNamespace(alone=alone))


def test_company_is_who_was_at_work_at_the_same_time_the_longest_first() -> None:
    company, subject = Company(), case("subject")
    company.note(subject, 10.0, 20.0)
    company.note(case("before"), 0.0, 10.0)
    company.note(case("briefly"), 19.0, 30.0)
    company.note(case("long"), 5.0, 18.0)

    assert [one.id for one in company.of(subject)] == ["long", "briefly"]


def test_a_case_on_a_target_of_its_own_has_no_company_and_is_none() -> None:
    company, subject, apart = Company(), case("subject"), case("apart", alone=True)
    company.note(subject, 0.0, 10.0)
    company.note(apart, 0.0, 10.0)

    assert company.of(subject) == ()
    assert company.of(apart) == ()


def test_a_second_look_does_not_change_the_company() -> None:
    company, subject = Company(), case("subject")
    for span in ((0.0, 10.0), (50.0, 60.0)):
        company.note(subject, *span)
    company.note(case("other"), 5.0, 15.0)

    assert [one.id for one in company.of(subject)] == ["other"]


def test_company_is_bounded() -> None:
    company, subject = Company(), case("subject")
    company.note(subject, 0.0, 10.0)
    for number in range(2 * MOST):
        company.note(case(f"other {number}"), 0.0, 10.0)

    assert len(company.of(subject)) == MOST
