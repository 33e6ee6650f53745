"""A failing schedule as a pytest file of its own, and back.

The file says where it failed: a URL and target file, or the settings of an embedded target.
Secrets are not in it; they come from the environment, as for every run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queueproof.config.kinds import COUNT, Flag, ListOf, Table, TableOf, Text
from queueproof.errors import UsageError
from queueproof.exploring.model import ModelFinding
from queueproof.exploring.steps import Kind, Schedule, Step, numbered
from queueproof.input_files import read_text
from queueproof.redaction import MASK, redacted, redacted_all
from queueproof.reporting.files import replace_file

_TEMPLATE = '''"""{requirement}: {actual}

expected  {expected}
found     by `queueproof explore`, seed {seed}

{lines}

`pytest {name}` plays it again on the same target, `QUEUEPROOF_TARGET=URL pytest {name}` (or
`queueproof explore --replay {name} URL`) on another. Secrets come from the environment.
"""

from queueproof.exploring.replaying import expect_no_finding
from queueproof.exploring.steps import Kind, Step

TARGET = {target!r}
SCHEDULE = (
{steps}
)


def test_{slug}():
    """The schedule, played a few times, breaks no rule."""
    expect_no_finding(SCHEDULE, target=TARGET)
'''
_WHERE = Table(
    {
        "contract": Text(),
        "urls": ListOf(kind=Text()),
        "config": Text(),
        "settings": TableOf(kind=Text()),
        "workers": COUNT,
        "redis_url": Text(),
        "ca": Text(),
        "proxy": Text(),
        "disposable": Flag(),
    }
)


@dataclass(frozen=True, kw_only=True)
class Where:
    """On which target: one at `urls` (with the file at `config`), or an embedded one."""

    contract: str = ""
    urls: tuple[str, ...] = ()
    config: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None
    redis_url: str = ""
    ca: str = ""
    proxy: str = ""
    disposable: bool = False

    def as_dict(self) -> dict[str, Any]:
        """What differs from a plain embedded target, for the file; secrets are masked."""
        given = {
            "contract": self.contract,
            "urls": list(self.urls),
            "config": self.config,
            "settings": dict(self.settings),
            "workers": self.workers,
            "redis_url": self.redis_url,
            "ca": self.ca,
            "proxy": self.proxy,
            "disposable": self.disposable,
        }
        return redacted_all({name: value for name, value in given.items() if value})

    @property
    def masked(self) -> list[str]:
        """The settings whose values are not in the file, since they are secret."""
        return [name for name, value in self.settings.items() if MASK in value]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Where:
        """The inverse of `as_dict`; raises UsageError for what it never wrote."""
        return cls(**_WHERE.read(dict(given), "TARGET"))


def path_of(folder: Path, finding: ModelFinding, *, number: int) -> Path:
    """Where in a folder the file of a finding belongs."""
    return folder / f"test_{_slug_of(finding)}_{number}.py"


def save(path: Path, finding: ModelFinding, schedule: Schedule, *, where: Where, seed: int) -> None:
    """Write the file; raises UsageError when it cannot be written."""
    text = _TEMPLATE.format(
        requirement=finding.requirement,
        actual=_quoted(finding.actual),
        expected=_quoted(finding.expected),
        seed=seed,
        lines="\n".join(numbered(schedule)),
        name=path.name,
        target=where.as_dict(),
        steps="\n".join(f"    {step.source}," for step in schedule),
        slug=_slug_of(finding),
    )
    replace_file(path, text)


def load(path: Path) -> tuple[Schedule, Where]:
    """The schedule and the target of a saved file, which is read, not run.

    Raises UsageError for a file that is none.
    """
    text = read_text(path, what="--replay")
    try:
        tree = ast.parse(text)
        values = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        where = Where.of(ast.literal_eval(values["TARGET"]))
        steps = values["SCHEDULE"]
        assert isinstance(steps, ast.Tuple)
        return tuple(_step(node) for node in steps.elts), where
    except UsageError as error:
        raise UsageError(f"--replay {path}: {error}") from None
    # What is no such file fails in as many ways as there are texts; none of them is ours.
    except Exception:  # noqa: BLE001
        raise UsageError(f"--replay {path}: not a file that `queueproof explore` saved") from None


def _step(node: ast.expr) -> Step:
    """One `Step(Kind.POLL, job=1, via='a')`."""
    assert isinstance(node, ast.Call)
    assert isinstance(node.args[0], ast.Attribute)
    given = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
    return Step(Kind[node.args[0].attr], **given)


def _slug_of(finding: ModelFinding) -> str:
    return f"{finding.requirement.lower().replace('-', '_')}_{_slug(finding.rule)}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _quoted(text: str) -> str:
    """Text that ends no docstring: what a target says may be anything."""
    printable = "".join(c if c.isprintable() else " " for c in redacted(text))
    return printable.replace("\\", "/").replace('"""', "'''")
