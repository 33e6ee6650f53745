"""The lab's recipes are whole, and what it cannot do is said in one line."""

from __future__ import annotations

import shutil
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from queueproof import paths
from queueproof.config.load import load_target
from queueproof.config.model import RunConfig
from queueproof.errors import UsageError
from queueproof.lab import booting
from queueproof.lab import install as installing
from queueproof.lab.recipe import Choice, Recipe, choose, load_recipes
from queueproof.lab.running import target_file
from queueproof.requirements import load_registry

RECIPES = load_recipes()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUEUEPROOF_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.system}{recipe.versions}")
def test_a_recipe_covers_what_was_tried_and_names_a_known_contract(recipe: Recipe) -> None:
    assert recipe.tried
    assert all(version in recipe.versions for version in recipe.tried)
    assert list(load_registry(recipe.contract))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.system}{recipe.versions}")
def test_a_recipe_leaves_only_fields_that_a_start_fills(recipe: Recipe) -> None:
    launch = booting.target_of(Choice(recipe, recipe.newest), workers=2).launch

    assert launch is not None
    texts = [*launch.command, *launch.worker_command, *launch.environment.values()]
    filled = [t.format(port=1, data=2, redis_port=3, worker_port=4) for t in texts]
    assert not any("{" in text for text in filled)


def test_a_name_alone_means_the_newest_version_tried() -> None:
    assert choose("langflow", RECIPES).version == "1.13.0"
    assert choose("Langflow==1.10.3", RECIPES).version == "1.10.3"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("airflow", "no system called 'airflow'"),
        ("langflow==0.6", "no recipe for langflow 0.6"),
        ("langflow>=1.10", "name one version"),
        ("lang flow", "write it like"),
    ],
)
def test_what_no_recipe_covers_is_refused(wanted: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        choose(wanted, RECIPES)


def test_packages_beside_a_library_replace_what_its_recipe_pins() -> None:
    """The recipe's kombu of that time gives way to the one that was asked for; the rest stays."""
    usual = choose("celery==5.4.0", RECIPES)
    other = choose("celery==5.4.0", RECIPES, beside=["kombu==5.3.7"])

    assert "kombu>=5.3.4,<5.5" in installing.packages_of(usual)
    assert "kombu==5.3.7" in installing.packages_of(other)
    assert "kombu>=5.3.4,<5.5" not in installing.packages_of(other)
    assert installing.packages_of(other)[0] == "celery==5.4.0"
    assert installing.folder_of(usual) != installing.folder_of(other)
    assert other.words == ("celery==5.4.0", "--with", "kombu==5.3.7")


@pytest.mark.parametrize("package", ["kombu", "kombu>=5", "kombu 5"])
def test_a_package_beside_a_library_needs_one_version(package: str) -> None:
    with pytest.raises(UsageError, match="like kombu=="):
        choose("celery", RECIPES, beside=[package])


def test_what_is_released_together_is_installed_in_one_version() -> None:
    old = installing.packages_of(choose("flowise==3.1.2", RECIPES))

    assert old == ["flowise==3.1.2", "flowise-components==3.1.2", "flowise-ui==3.1.2"]


def test_what_is_named_beside_an_npm_system_takes_the_place_of_what_it_pins() -> None:
    """By npm's overrides; what the recipe installs beside it is installed in that version."""
    product = choose("flowise", RECIPES, beside=["bullmq==5.7.13"])
    library = choose("bullmq", RECIPES, beside=["ioredis==5.4.1"])

    assert installing.overrides_of(product) == {"bullmq": "5.7.13"}
    assert installing.overrides_of(library) == {}
    assert "ioredis==5.4.1" in installing.packages_of(library)


def test_a_system_with_an_api_of_its_own_has_its_own_mapping() -> None:
    """Flower tells states alone, and needs no database of a first start."""
    flower = choose("flower", RECIPES)
    mapping = booting.target_of(flower, workers=2).mapping

    assert mapping is not None
    assert set(mapping.calls) == {"submit", "status", "cancel"}
    assert booting.has_data(flower)


def test_a_variant_lies_over_its_recipe() -> None:
    """What it names is changed, the rest is the recipe's; the installation is the same one."""
    usual = choose("celery", RECIPES)
    late = choose("celery", RECIPES, variant="acks-late")

    changed = late.recipe.launch["environment"]
    assert changed["BRIDGE_ACKS_LATE"] == "true"
    assert late.recipe.launch["worker_command"] == usual.recipe.launch["worker_command"]
    assert installing.folder_of(usual) == installing.folder_of(late)
    assert late.words == ("celery==5.7.0", "--variant", "acks-late")


def test_a_variant_does_not_make_the_promises_that_it_is_without() -> None:
    """At most once, nothing is run again: there is no bound on it."""
    stream = choose("taskiq", RECIPES).recipe
    at_most_once = choose("taskiq", RECIPES, variant="list").recipe

    assert stream.promises["redelivery_s"] == 625
    assert "redelivery_s" not in at_most_once.promises
    assert "redelivery_s" not in at_most_once.promises["sources"]
    assert at_most_once.promises["results_s"] == stream.promises["results_s"]


def test_a_variant_that_a_recipe_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(UsageError, match=r"no variant 'acks'; there are: .*acks-late"):
        choose("celery", RECIPES, variant="acks")


def choice_with(command: str) -> Choice:
    """A system whose installation is one Python program."""
    recipe = replace(RECIPES[0], install={"kind": "python", "program": command})
    return Choice(recipe, recipe.newest)


@pytest.fixture
def _installer(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(choice: Choice, system: Path) -> list[list[str]]:
        return [[sys.executable, "-c", choice.recipe.install["program"]]]

    monkeypatch.setattr(installing, "_python", program)


@pytest.mark.usefixtures("_installer")
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("print('dns error: nobody there'); raise SystemExit(1)", "registry cannot be reached"),
        ("print('No matching distribution found'); raise SystemExit(1)", "no such version"),
        ("print('the disk is on fire'); raise SystemExit(3)", "the disk is on fire"),
    ],
)
def test_an_installation_that_fails_says_why_and_is_begun_anew(program: str, says: str) -> None:
    choice = choice_with(program)

    with pytest.raises(UsageError, match=says):
        installing.install(choice, print)

    assert not installing.is_installed(choice)


@pytest.mark.usefixtures("_installer")
def test_an_installation_that_was_finished_is_known_to_the_next_visit() -> None:
    choice, told = choice_with("print('one'); print('two')"), []

    installing.install(choice, told.append)

    assert told == ["one", "two"]
    assert installing.is_installed(choice)
    installing.remove(choice)
    assert not installing.is_installed(choice)


@pytest.mark.usefixtures("_installer")
def test_a_bridge_that_was_compiled_of_another_source_is_not_installed() -> None:
    """It would be judged for what it did in an earlier version."""
    choice = choice_with("print('one')")
    choice = replace(
        choice, recipe=replace(choice.recipe, install={**choice.recipe.install, "source": "asynq"})
    )
    installing.install(choice, print)
    assert not installing.is_installed(choice)

    source = installing.installed(choice) / "source"
    shutil.copytree(paths.folder("bridges") / "asynq", source)
    assert installing.is_installed(choice)
    (source / "worker.go").write_text("package main\n", "utf-8")
    assert not installing.is_installed(choice)
    installing.remove(choice)


def test_a_machine_without_the_memory_is_told_so() -> None:
    recipe = replace(RECIPES[0], needs=replace(RECIPES[0].needs, memory_gb_a_worker=1e6))

    with pytest.raises(UsageError, match="GB of memory"):
        installing.check_machine(recipe, 3)


def test_a_disk_without_the_room_is_told_so() -> None:
    recipe = replace(RECIPES[0], needs=replace(RECIPES[0].needs, disk_gb=1e9))

    with pytest.raises(UsageError, match="GB of disk"):
        installing.install(Choice(recipe, recipe.newest), print)


def test_a_kept_system_is_described_by_a_target_file_without_its_secret(tmp_path: Path) -> None:
    target = replace(
        booting.target_of(choose("langflow", RECIPES), workers=2),
        urls=("http://127.0.0.1:7860",),
        redis_url="redis://127.0.0.1:6379/1",
        process_root=77,
        launch=None,
    )
    path = tmp_path / "target.toml"

    path.write_text(target_file(target), "utf-8")

    read = load_target(path, {})
    assert (read.urls, read.timings, read.workers) == (target.urls, target.timings, 2)
    assert target.credentials.password not in path.read_text("utf-8")
    assert tomllib.loads(path.read_text("utf-8"))["target"]["process_root"] == 77


def test_a_report_names_the_system_that_the_lab_started() -> None:
    choice = choose("langflow==1.10.3", RECIPES)
    target = booting.target_of(choice, workers=2)

    run = RunConfig(target=target, embedded=True, lab=choice.name)

    assert run.places == ("langflow==1.10.3, started by the lab",)
    assert RunConfig(target=target, embedded=True).places == ("embedded reference",)
