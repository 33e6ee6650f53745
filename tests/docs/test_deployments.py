"""The pages that begin with the reader's deployment: what their files say fits together."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from queueproof.config.load import load_target

from .test_examples import parse

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
COMPOSE = ("langflow-compose", "flowise-compose")
PUBLISHED = {
    "Langflow 1.10.3 and 1.13.0": ("langflow-1.10.3", "langflow-1.13.0"),
    "Flowise 3.1.2": ("flowise-3.1.2",),
    "Flowise 3.1.4": ("flowise-3.1.4",),
}
_PASSED_ON = re.compile(r"QUEUEPROOF_[A-Z_]+")


def shown(page: str, title: str) -> str:
    """The file that a page shows under this title."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    found = re.search(rf'^```\w+ title="{title}"\n(.*?)^```', text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page}.md shows no {title}"
    return found[1]


@pytest.mark.parametrize("page", COMPOSE)
def test_the_gate_listens_where_its_target_file_says(page: str) -> None:
    """Jobs reach the witness at the gate's own hostname, in the network of the target."""
    [gate] = yaml.safe_load(shown(page, "compose.queueproof.yaml"))["services"].values()
    target = tomllib.loads(shown(page, "target.toml"))["target"]

    assert target["witness_host"] == gate["hostname"]
    assert parse(gate["command"]).command is not None
    assert f"{gate['command'][2]}:ro" in gate["volumes"][0]


@pytest.mark.parametrize("page", [*COMPOSE, "kubernetes", "queue-libraries"])
def test_every_target_file_is_accepted(page: str, tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text(shown(page, "target.toml"), "utf-8")

    assert load_target(file, {}).urls


@pytest.mark.parametrize("page", COMPOSE)
def test_secrets_reach_the_container_from_the_environment(page: str) -> None:
    """Each is passed on by name, and none of them has a value in a file."""
    [gate] = yaml.safe_load(shown(page, "compose.queueproof.yaml"))["services"].values()

    assert {"QUEUEPROOF_USERNAME", "QUEUEPROOF_PASSWORD"} <= set(gate["environment"])
    assert all(_PASSED_ON.fullmatch(name) for name in gate["environment"])


def test_the_job_s_pod_tells_jobs_its_own_address_and_port() -> None:
    """The witness listens on all of its addresses; the variable is one that a run reads."""
    documents: list[Any] = list(yaml.safe_load_all(shown("kubernetes", "queueproof-job.yaml")))
    [job] = [each for each in documents if each["kind"] == "Job"]
    target = tomllib.loads(shown("kubernetes", "target.toml"))["target"]
    pod = job["spec"]["template"]["spec"]
    [gate] = pod["containers"]

    [told] = gate["env"]
    config = load_target(None, {told["name"]: "10.1.2.3"})
    assert config.witness_announce == "10.1.2.3"
    assert told["valueFrom"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert target["witness_host"] == "0.0.0.0"
    assert gate["envFrom"] == [{"secretRef": {"name": "queueproof"}}]
    assert [port["containerPort"] for port in gate["ports"]] == [target["witness_port"]]
    assert parse(gate["args"]).command is not None
    assert {mount["name"] for mount in gate["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }


def test_the_role_allows_what_the_executor_asks_and_no_more() -> None:
    """What kubectl needs for each command, beside what the Role gives, in one namespace."""
    documents = list(yaml.safe_load_all(shown("kubernetes", "queueproof-role.yaml")))
    account, role, binding = documents
    given = {
        (resource, verb)
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    needed = {("pods", verb) for verb in ("get", "list", "watch", "delete")}
    needed |= {("pods/log", "get"), ("pods/exec", "create")}
    for kind in ("statefulsets", "deployments"):
        needed |= {(kind, verb) for verb in ("get", "list", "watch", "patch")}
        needed |= {(f"{kind}/scale", verb) for verb in ("get", "patch", "update")}

    assert given == needed
    assert {each["kind"] for each in (role, binding)} == {"Role", "RoleBinding"}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": account["metadata"]["name"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]


@pytest.mark.parametrize("product", PUBLISHED)
def test_what_is_said_of_a_product_failed_in_its_published_reports(product: str) -> None:
    """The sentences name requirements; each of these failed in every report of the product."""
    text = (DOCS / "findings.md").read_text("utf-8")
    sentence = rf"^- \*\*{re.escape(product)}\.\*\*(.*?)(?=^- |\n\n)"
    said = re.search(sentence, text, re.MULTILINE | re.DOTALL)
    assert said is not None
    named = re.findall(r"[A-Z]{4,}-\d{3}", said[1])

    assert named
    for report in PUBLISHED[product]:
        rows = json.loads((ROOT / f"reports/published/{report}/report.json").read_text("utf-8"))
        failed = {row["id"] for row in rows["requirements"] if row["verdict"] == "failed"}
        assert set(named) <= failed, report


@pytest.mark.parametrize("picture", sorted((DOCS / "assets").glob("*.png")), ids=lambda p: p.stem)
def test_screenshots_are_small(picture: Path) -> None:
    assert picture.stat().st_size < 150_000
