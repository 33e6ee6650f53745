"""The variants of the reference, as their modules describe themselves."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from types import ModuleType

from queueproof.chaos.judging import INVARIANTS
from queueproof.chaos.scenario import load_scenarios
from queueproof.requirements.registry import Registry
from reference_impl.common.altered import Form
from reference_impl.common.variant_modules import modules_of
from tests.faulty.selection import SHARED, Selection, spelt_out


class Kind(Enum):
    """What a variant is there to show; the value is its folder in the reference."""

    FAULTY = "faulty"
    HARMLESS = "harmless"
    MECHANICAL = "mechanical"


_WORKERS = {"langflow": 3, "flowise": 2, "generic": 2}
#: The operations whose answers are exchanged, as both the history and the reference call them.
ALTERED = {
    "langflow": ("submit", "poll", "stream", "cancel", "monitor"),
    "flowise": ("predict", "stream", "cancel", "messages", "dashboard"),
    "generic": (),
}
_HOOKS = ("VariantAssembly", "install", "SETTINGS")
#: Told another job of the same user, a case works on that one, which is as good as its own; what
#: gives one id to two jobs has variants of its own.
NO_DIFFERENCE = frozenset({("submit", Form.FOREIGN)})


class VariantError(Exception):
    """A module that is no proper variant: which one, and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One variant, and one thing that is played on it: a gate, or an outage.

    incident   the first paragraph of its docstring: where this was seen
    scenario   the outage that is played on it; empty: a gate
    fails      the requirements that must fail on it, and no others
    plays      what is asked of it: areas, requirement IDs, `shared`; what `fails` names comes along
    settings   environment of every target it is launched as
    workers    how many workers it starts
    alters     the operation whose answers a mechanical one exchanges, and what for
    promises   what it is judged by in place of the reference's own promises: TOML values by name
    """

    name: str
    kind: Kind
    incident: str
    scenario: str = ""
    fails: frozenset[str] = frozenset()
    plays: tuple[str, ...] = (SHARED,)
    settings: tuple[tuple[str, str], ...] = ()
    workers: int = 3
    alters: str = ""
    promises: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Its name, with the outage it is played in, or what becomes of which answers."""
        if self.alters:
            return f"every {self.alters}"
        return f"{self.name} in {self.scenario}" if self.scenario else self.name

    def played(self, selection: Selection) -> tuple[str, ...]:
        """The requirements to ask, in the registry's order; an outage asks what it asks."""
        if self.scenario:
            return tuple(row.id for row in selection.registry if row.id in INVARIANTS)
        return selection.resolve([*self.plays, *self.fails])


def load_variants(
    registry: Registry, kinds: Iterable[Kind] = tuple(Kind), *, contract: str = "langflow"
) -> tuple[Variant, ...]:
    """Every variant of a contract, by kind and name; raises VariantError for an improper one."""
    found = []
    if Kind.MECHANICAL in kinds:
        found += mechanical_variants(contract)
    for kind in (kind for kind in kinds if kind is not Kind.MECHANICAL):
        for module in map(importlib.import_module, modules_of(contract, kind.value)):
            found += variants_of(module, kind, registry, workers=_WORKERS[contract])
    return tuple(found)


def mechanical_variants(contract: str) -> list[Variant]:
    """One for each operation and each form that its answers are exchanged for."""
    return [
        Variant(
            name=f"{contract}_answers",
            kind=Kind.MECHANICAL,
            incident=f"Every answer to a {operation} is exchanged: {form.value}.",
            settings=(("VARIANT_ALTERS", f"{operation} {form.value}"),),
            workers=_WORKERS[contract],
            alters=f"{operation} {form.value}",
        )
        for operation in ALTERED[contract]
        for form in Form
        if (operation, form) not in NO_DIFFERENCE
    ]


def variants_of(
    module: ModuleType, kind: Kind, registry: Registry, *, workers: int = 3
) -> list[Variant]:
    """What a module says of itself, checked: once for its gate, once for each of its outages.

    `workers` unless it says how many. One that names outages alone has no gate.
    """
    name = module.__name__.rpartition(".")[2]
    fails, scenarios = getattr(module, "FAILS", None), getattr(module, "SCENARIOS", {})
    variant = Variant(
        name=name,
        kind=kind,
        incident=" ".join((module.__doc__ or "").strip().partition("\n\n")[0].split()),
        fails=frozenset(fails or ()),
        plays=tuple(spelt_out(getattr(module, "PLAYS", (SHARED,)))),
        settings=tuple(sorted(getattr(module, "SETTINGS", {}).items())),
        workers=getattr(module, "WORKERS", workers),
        promises=tuple(sorted(getattr(module, "PROMISES", {}).items())),
    )
    outages = [
        replace(variant, scenario=scenario, fails=frozenset(failing), plays=())
        for scenario, failing in scenarios.items()
    ]
    plays = fails is not None or hasattr(module, "PLAYS")
    gates = [variant] if plays or not outages else []
    for one in [*gates, *outages]:
        problem = _problem(one, module, registry) or _outage_problem(one)
        if problem:
            raise VariantError(f"{module.__name__}: {problem}")
    return [*gates, *outages]


def _problem(variant: Variant, module: ModuleType, registry: Registry) -> str:
    known = {requirement.id for requirement in registry} | set(registry.areas) | {SHARED}
    strangers = sorted(({*variant.fails, *variant.plays}) - known)
    faulty = variant.kind is Kind.FAULTY
    if not variant.incident:
        return "its docstring must say which incident it comes from"
    if faulty and not variant.fails:
        return "FAILS must name the requirements that it breaks"
    if not faulty and variant.fails:
        return "a harmless variant fails nothing: leave FAILS out, or move it to faulty/"
    if strangers:
        return f"no such requirement or area: {', '.join(strangers)}"
    if not any(hasattr(module, hook) for hook in _HOOKS):
        return f"it changes nothing: define one of {', '.join(_HOOKS)}"
    return ""


def _outage_problem(variant: Variant) -> str:
    if not variant.scenario:
        return ""
    if variant.scenario not in _declared():
        return f"SCENARIOS names {variant.scenario}, which is not declared in chaos/"
    unjudged = sorted(variant.fails - INVARIANTS.keys())
    return f"no outage judges {', '.join(unjudged)}" if unjudged else ""


@cache
def _declared() -> frozenset[str]:
    return frozenset(scenario.id for scenario in load_scenarios())
