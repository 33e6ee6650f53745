"""The reference listens on an IPv6 address as on any other, with or without its brackets."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reference_impl.common.addresses import place_of
from reference_impl.flowise.settings import load as load_flowise
from reference_impl.langflow.settings import load as load_langflow

_BIND = "from reference_impl.langflow import gunicorn_config; print(gunicorn_config.bind)"


@pytest.mark.parametrize(
    ("host", "place"),
    [("127.0.0.1", "127.0.0.1:1"), ("::1", "[::1]:1"), ("[::1]", "[::1]:1"), ("a.b", "a.b:1")],
)
def test_an_ipv6_address_stands_in_brackets_before_its_port(host: str, place: str) -> None:
    assert place_of(host, 1) == place


@pytest.mark.parametrize("written", ["::1", "[::1]"])
def test_brackets_are_no_part_of_the_address(written: str) -> None:
    """A socket is bound to the address alone."""
    assert load_langflow({"LANGFLOW_HOST": written}).host == "::1"
    assert load_flowise({"HOST": written}).host == "::1"


@pytest.mark.parametrize("written", ["::1", "[::1]"])
def test_gunicorn_is_told_address_and_port_apart(written: str) -> None:
    environment = {**os.environ, "LANGFLOW_HOST": written, "LANGFLOW_PORT": "17999"}

    done = subprocess.run(
        [sys.executable, "-c", _BIND], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[::1]:17999"
