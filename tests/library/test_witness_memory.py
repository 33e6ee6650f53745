"""A witness remembers what may be asked about, and no more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from queueproof.history import History
from queueproof.targets import witness as module
from queueproof.targets.witness import Sighting, Witness


def test_asking_about_a_job_that_was_never_seen_leaves_nothing_behind() -> None:
    witness = Witness(History())

    assert witness.sightings("unknown") == []
    assert not witness.hears


def test_jobs_of_long_ago_are_forgotten_where_there_are_very_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_JOBS", 10)
    witness = Witness(History())
    for number in range(10):
        witness.saw(f"job {number}", Sighting(0, 0.0 if number < 5 else 5000.0))

    witness.saw("job 10", Sighting(0, 5000.0))

    assert [bool(witness.sightings(f"job {number}")) for number in (0, 4, 5, 10)] == [
        False,
        False,
        True,
        True,
    ]


def test_whatever_comes_to_its_port_it_hears_the_jobs() -> None:
    """A port that jobs reach is reached by others, too: scanners, TLS, lines without end."""
    sent = (
        b"\x16\x03\x01\x02\x00\x01\xff" * 40,
        b"GET /" + b"a" * 200_000,
        b"GET /job/" + b"9" * 5_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /job/\xb2 HTTP/1.1\r\n\r\n",
        b"\r\n",
        b"GET /job/3 HTTP/1.1\r\n\r\n",
    )
    wrong: list[dict[str, Any]] = []

    async def main() -> list[Sighting]:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: wrong.append(told))
        witness = Witness(History())
        await witness.start()
        for words in sent:
            reader, writer = await asyncio.open_connection(*witness.address)
            writer.write(words)
            writer.write_eof()
            await asyncio.gather(reader.read(), return_exceptions=True)
            writer.close()
        await witness.stop()
        return witness.sightings("job")

    assert [sighting.tick for sighting in asyncio.run(main())] == [3]
    assert wrong == []
