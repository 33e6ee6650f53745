"""The page of every key and the schema for editors say what is read, and all of it."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from queueproof.config.json_schema import TABLES, meanings, target_schema

from .test_examples import TARGETS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("containers/*.toml"), *ROOT.glob("examples/*/target*.toml")])


def script() -> Any:
    spec = importlib.util.spec_from_file_location("keys", ROOT / "docs" / "hooks" / "keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("what", ["page", "schema"])
def test_what_was_written_is_what_would_be_written_now(what: str) -> None:
    made = script()
    file = {"page": made.PAGE, "schema": made.SCHEMA}[what]

    assert getattr(made, what)() == file.read_text("utf-8"), "run: python docs/hooks/keys.py"


@pytest.mark.parametrize("name", [name for name in TABLES if name != "mapping"])
def test_every_key_says_what_it_means(name: str) -> None:
    table, classes = TABLES[name]

    assert not table.keys.keys() - meanings(*classes).keys()


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(target_schema())


@pytest.mark.parametrize("text", [*TARGETS, *(file.read_text("utf-8") for file in FILES)])
def test_files_that_are_read_fit_the_schema(text: str) -> None:
    jsonschema.Draft202012Validator(target_schema()).validate(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "[target]\nurl = 'http://127.0.0.1:7860'",
        "[target]\nworkers = 0",
        "[timings]\nanswer_s = 0",
        "[promises]\ndelivery = 'often'",
        "[launch]\nlanes = true",
        "[[chaos.replicas]]\nkill = 'kill 1'",
        "[mapping.poll]\nevent = 'events'",
    ],
)
def test_a_mistake_does_not_fit_it(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(target_schema()).validate(tomllib.loads(text))
