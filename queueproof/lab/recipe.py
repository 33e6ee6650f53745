"""What a version of a real system needs, read from `recipes/`: one file a version range."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from queueproof.config.model import Timings
from queueproof.errors import UsageError

_RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the machine must have; sizes in gigabytes, `python` and `node` as version ranges."""

    disk_gb: float = 1.0
    memory_gb: float = 0.5
    memory_gb_a_worker: float = 0.5
    python: str = ""
    node: str = ""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to install, boot and judge one range of versions of a system.

    Commands and environment hold fields in braces: `{installed}` is the folder of the
    installation, `{port}`, `{worker_port}`, `{redis_port}` and `{data}` are a start's own,
    `{workers}`, `{username}` and `{password}` the lab's. `first_start` are the settings of the
    one start, by a single worker, that makes the data all others begin from.

    `bridge` names the library that a bridge stands in front of (bridges/README.md); such a recipe
    leaves the front's command and most settings to the lab. `mapping` is the file, below the
    project's root, whose [mapping] describes a system with an HTTP API of its own. `without` names
    the requests of the mapping that the library has no documented means for; `promises` is what the
    library's documentation promises, as in a target file. `variants` are settings that people
    use, by name: tables that are laid over the recipe's own. `matrix` are the releases and variants
    of it that a matrix of outages shows: what follows the system's name.
    """

    system: str
    contract: str
    versions: SpecifierSet
    tried: tuple[str, ...]
    workers: int
    needs: Needs
    install: dict[str, Any]
    launch: dict[str, Any]
    first_start: dict[str, str] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    promises: dict[str, Any] = field(default_factory=dict)
    bridge: str = ""
    mapping: str = ""
    without: tuple[str, ...] = ()
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    matrix: tuple[str, ...] = ("",)

    def varied(self, name: str) -> Recipe:
        """The recipe with a variant laid over it; raises UsageError for one that it lacks."""
        if name not in self.variants:
            known = ", ".join(sorted(self.variants)) or "none"
            raise UsageError(f"{self.system} has no variant {name!r}; there are: {known}")
        over = self.variants[name]
        return replace(
            self,
            workers=over.get("workers", self.workers),
            without=tuple(over.get("without", self.without)),
            launch=_laid_over(self.launch, over.get("launch", {})),
            target={**self.target, **over.get("target", {})},
            timings=replace(self.timings, **_seconds(over.get("timings", {}))),
            promises=_promised(self.promises, over.get("promises", {})),
        )

    @property
    def is_mapped(self) -> bool:
        """Whether a mapping describes it: then nothing is known of logins, nor of a database."""
        return bool(self.bridge or self.mapping)

    @property
    def newest(self) -> str:
        """The newest version that was tried."""
        return max(self.tried, key=Version)


@dataclass(frozen=True)
class Choice:
    """A recipe, the version it is used for, what else is installed, and the variant, if any.

    `beside` are packages with their versions, such as `kombu==5.3.7`; the recipe is the variant's.
    """

    recipe: Recipe
    version: str
    beside: tuple[str, ...] = ()
    variant: str = ""

    @property
    def name(self) -> str:
        """As a person writes it, such as langflow==1.13.0."""
        return f"{self.recipe.system}=={self.version}"

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments of `queueproof lab` that choose the same."""
        beside = [word for package in self.beside for word in ("--with", package)]
        return (self.name, *beside, *(("--variant", self.variant) if self.variant else ()))

    @property
    def folder(self) -> str:
        """A folder's name for the installation: variants share it."""
        return "-".join([self.name.replace("==", "-"), *self.beside])

    @property
    def was_tried(self) -> bool:
        """Whether this very version is known to work with its recipe."""
        return self.version in self.recipe.tried


def load_recipes(folder: Path = _RECIPES) -> tuple[Recipe, ...]:
    """Every recipe there is."""
    return tuple(
        _recipe(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))
    )


def choose(
    wanted: str,
    recipes: Iterable[Recipe],
    *,
    beside: Iterable[str] = (),
    variant: str = "",
) -> Choice:
    """The recipe for `wanted`, which is a system's name or `name==version`.

    Without a version, the newest one tried; `beside` are packages to be installed with it, each
    `name==version`. Raises UsageError for what no recipe covers.
    """
    choice = _choose(wanted, recipes)
    recipe = choice.recipe.varied(variant) if variant else choice.recipe
    return Choice(recipe, choice.version, tuple(sorted(map(_pinned, beside))), variant)


def _choose(wanted: str, recipes: Iterable[Recipe]) -> Choice:
    try:
        requirement = Requirement(wanted)
    except InvalidRequirement:
        raise UsageError(f"{wanted!r}: write it like langflow or langflow==1.13.0") from None
    known = [recipe for recipe in recipes if recipe.system == requirement.name.lower()]
    if not known:
        names = ", ".join(sorted({recipe.system for recipe in recipes}))
        raise UsageError(f"no system called {requirement.name!r} in the lab; there are: {names}")
    version = _exact_version(requirement)
    if not version:
        recipe = max(known, key=lambda one: Version(one.newest))
        return Choice(recipe, recipe.newest)
    fitting = [recipe for recipe in known if version in recipe.versions]
    if not fitting:
        ranges = ", ".join(str(recipe.versions) for recipe in known)
        raise UsageError(f"no recipe for {requirement.name} {version}; there are some for {ranges}")
    return Choice(fitting[0], version)


def _pinned(package: str) -> str:
    try:
        requirement = Requirement(package)
    except InvalidRequirement:
        raise UsageError(f"--with {package!r}: write it like kombu==5.3.7") from None
    version = _exact_version(requirement)
    if not version:
        raise UsageError(f"--with {package}: name one version, like {requirement.name}==5.3.7")
    return f"{requirement.name}=={version}"


def _promised(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """What a variant promises: `without` names the recipe's promises that it does not make."""
    gone = {"without", *above.get("without", ())}
    sources = {**below.get("sources", {}), **above.get("sources", {})}
    made = {name: value for name, value in {**below, **above}.items() if name not in gone}
    return {**made, "sources": {name: s for name, s in sources.items() if name not in gone}}


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    environment = {**below.get("environment", {}), **above.get("environment", {})}
    return {**below, **above, "environment": environment}


def _seconds(given: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in given.items()}


def _exact_version(requirement: Requirement) -> str:
    clauses = list(requirement.specifier)
    if not clauses:
        return ""
    if len(clauses) > 1 or clauses[0].operator != "==" or clauses[0].version.endswith("*"):
        raise UsageError(f"{requirement}: name one version, like {requirement.name}==1.13.0")
    return clauses[0].version


def _recipe(data: dict[str, Any]) -> Recipe:
    return Recipe(
        system=data["system"],
        contract=data["contract"],
        versions=SpecifierSet(data["versions"]),
        tried=tuple(data["tried"]),
        workers=data["workers"],
        needs=Needs(**data.get("needs", {})),
        install=data["install"],
        launch=data["launch"],
        first_start=data.get("first_start", {}),
        target=data.get("target", {}),
        timings=Timings(**_seconds(data.get("timings", {}))),
        promises=data.get("promises", {}),
        bridge=data.get("bridge", ""),
        mapping=data.get("mapping", ""),
        without=tuple(data.get("without", ())),
        variants=data.get("variants", {}),
        matrix=tuple(data.get("matrix", ("",))),
    )
