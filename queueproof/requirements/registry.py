"""Requirement rows, read from the TOML files beside this module, one file an area.

An ID is permanent: explicit, never positional, never reused. MUST means that the contract's
document says so; SHOULD means that a client needs it to be correct though no document says so.

A row's `heading` is a section of its own contract's document; a table of headings by contract
makes the row one requirement of several contracts, judged by the same cases. Where one document
says so and the other does not, `level` is a table too. A contract whose package says so in its
`contract.toml` (`sources`) shares it as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from queueproof.errors import HarnessError, UsageError
from queueproof.plugins import Source, sources
from queueproof.requirements.foreign import foreign_rows
from queueproof.requirements.sources import contract_sources


class Level(Enum):
    """How binding a requirement is."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Access(Enum):
    """What the harness must be given to judge a requirement, lowest first."""

    HTTP = "http"
    ADMIN = "admin"
    REDIS = "redis"
    PROXY = "proxy"
    PROCESS = "process"
    LAUNCH = "launch"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One promise.

    `heading` is the section of the contract's document (or, for a SHOULD, the section it
    completes); `needs` are capabilities the target or the run must have besides `access`;
    `judged_by` says which kinds of run judge it. Of a target that a mapping describes, `asks`
    names the requests that must be in it, `promises` what the target must promise, with the values
    that do (none: whatever it is).
    """

    id: str
    level: Level
    area: str
    sentence: str
    contract: str
    heading: str
    access: Access
    needs: tuple[str, ...] = ()
    destructive: bool = False
    judged_by: tuple[str, ...] = ("gate",)
    asks: tuple[str, ...] = ()
    promises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    document: str = ""

    @property
    def source(self) -> str:
        """Document and heading, as a report cites them; the contract's, unless it has its own."""
        relation = "" if self.level is Level.MUST else "completes "
        return f"{relation}{self.document or document_of(self.contract)}, {self.heading}"


class Registry:
    """All requirements of one contract, by ID and by area."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        self._by_id: dict[str, Requirement] = {}
        for requirement in requirements:
            if requirement.id in self._by_id:
                twice = f"requirement {requirement.id} is registered twice"
                raise UsageError(twice) if requirement.document else HarnessError(twice)
            self._by_id[requirement.id] = requirement

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, requirement_id: str) -> Requirement:
        try:
            return self._by_id[requirement_id]
        except KeyError:
            raise HarnessError(f"no requirement {requirement_id} is registered") from None

    @property
    def areas(self) -> list[str]:
        """Area names, in the order of their files."""
        return list(dict.fromkeys(requirement.area for requirement in self))

    def select(
        self,
        words: Iterable[str],
        *,
        by: str = "",
        without: Iterable[str] = (),
        option: str = "--only ",
    ) -> list[Requirement]:
        """The requirements named by IDs or areas; all of them when nothing is named.

        With `by`, only those that this kind of run judges; what `without` names is left out.
        Raises UsageError for a word that names nothing, with the closest matches, and where
        nothing remains. `option` is what stands before such a word on the command line.
        """
        chosen = self._select(list(words), option) if words else list(self)
        left_out = {row.id for row in self._select(list(without), "--not ")}
        judged = [row for row in chosen if not by or by in row.judged_by]
        if chosen and not judged:
            raise UsageError(
                f"{option}{chosen[0].id}: not judged by queueproof {by}, but by queueproof "
                + " and ".join(chosen[0].judged_by)
            )
        kept = [row for row in judged if row.id not in left_out]
        if judged and not kept:
            raise UsageError("--not leaves nothing to ask")
        return kept

    def _select(self, words: list[str], option: str) -> list[Requirement]:
        chosen: dict[str, Requirement] = {}
        for word in words:
            found = [r for r in self if word.upper() == r.id or word.lower() == r.area]
            if not found:
                raise UsageError(self._unknown(word, option))
            chosen.update((requirement.id, requirement) for requirement in found)
        return list(chosen.values())

    def _unknown(self, word: str, option: str) -> str:
        from difflib import get_close_matches

        names = [*self._by_id, *self.areas]
        close = get_close_matches(word.upper(), names, n=3) or get_close_matches(word, names, n=3)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        return (
            f"{option}{word}: neither a requirement ID nor an area{hint} "
            "(queueproof requirements lists them)"
        )


def load_registry(contract: str) -> Registry:
    """The registry of `contract`, validated, with what plugins and `--suites` add.

    Raises UsageError for an unknown contract, and for a mistake in what is added.
    """
    return _load(contract, sources("suites"))


@cache
def _load(contract: str, others: tuple[Source, ...]) -> Registry:
    if contract not in contracts():
        raise UsageError(f"contract {contract!r} is not known; known: {', '.join(contracts())}")
    rows: list[Requirement] = []
    for owner in _owners():
        folder = files("queueproof.requirements") / owner
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".toml"):
                area = entry.name.removesuffix(".toml")
                rows += _parse(entry.read_text("utf-8"), contract, area, owner=owner)
    for source in others:
        for area, row in foreign_rows(source, contract):
            rows.append(_requirement(row, contract, area, row.pop("heading")))
    return Registry(rows)


def known_ids() -> frozenset[str]:
    """Every requirement's ID, whichever contract it belongs to."""
    return _known(sources("suites"))


@cache
def _known(others: tuple[Source, ...]) -> frozenset[str]:
    return frozenset(row.id for contract in contracts() for row in _load(contract, others))


def contracts() -> list[str]:
    """The contracts that have a registry: requirements of their own, or headings of shared ones."""
    return sorted(contract_sources())


def document_of(contract: str) -> str:
    """The document whose promises a contract's requirements are."""
    return contract_sources()[contract].document


def _owners() -> list[str]:
    """The contracts that have requirements of their own: a folder each."""
    return sorted(
        entry.name
        for entry in files("queueproof.requirements").iterdir()
        if entry.is_dir() and any(child.name.endswith(".toml") for child in entry.iterdir())
    )


def _parse(text: str, contract: str, area: str, *, owner: str) -> list[Requirement]:
    """The rows of one file that `contract` shares; a plain heading is the owner's alone."""
    rows = []
    for row in tomllib.loads(text)["requirement"]:
        heading = row.pop("heading")
        headings = heading if isinstance(heading, dict) else {owner: heading}
        own, own_level = contract_sources()[contract].headings.get(row["id"], ("", ""))
        if own or contract in headings:
            level = row["level"]
            level = level.get(contract, "SHOULD") if isinstance(level, dict) else level
            row["level"] = own_level or level
            rows.append(_requirement(row, contract, area, own or headings[contract]))
    return rows


def _requirement(row: dict[str, Any], contract: str, area: str, heading: str) -> Requirement:
    return Requirement(
        id=row.pop("id"),
        level=Level(row.pop("level")),
        area=area,
        sentence=row.pop("sentence"),
        contract=contract,
        heading=heading,
        access=Access(row.pop("access", "http")),
        needs=tuple(row.pop("needs", ())),
        destructive=row.pop("destructive", False),
        judged_by=tuple(row.pop("judged_by", ("gate",))),
        asks=tuple(row.pop("asks", ())),
        promises={name: tuple(values) for name, values in row.pop("promises", {}).items()},
        **row,
    )
