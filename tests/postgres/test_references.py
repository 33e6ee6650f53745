"""Both references on PostgreSQL: what a database must do for them, and one deployment of each."""

from __future__ import annotations

import asyncio
from pathlib import Path

from reference_impl.core.predictions import Signal, State
from reference_impl.flowise import preflight
from reference_impl.flowise.database import Database, make_engine
from reference_impl.flowise.settings import Settings, load
from reference_impl.langflow import database as langflow
from reference_impl.langflow.settings import load as load_langflow
from tests.reference.in_process import login, serving, whole
from tests.reference_flowise.conftest import Deployment

from .conftest import Cluster

TOGETHER = 4
SUBMITTERS = 20


def settings_on(url: str) -> Settings:
    """The flowise reference's settings."""
    return load({"REFERENCE_DATABASE_URL": url})


def test_programs_that_start_together_prepare_one_database(cluster: Cluster) -> None:
    """Whoever comes first makes the tables; the others find them made."""
    flowise, other = cluster.create("test_together"), cluster.create("test_together_langflow")

    async def prepare() -> None:
        settings = load_langflow({"LANGFLOW_DATABASE_URL": other})
        replicas = [langflow.Database(langflow.make_engine(settings)) for _ in range(TOGETHER)]
        programs = [Database(make_engine(settings_on(flowise))) for _ in range(TOGETHER)]
        await asyncio.gather(
            *(program.prepare() for program in programs),
            *(replica.create_tables() for replica in replicas),
        )
        assert await programs[-1].users_count() == 0
        assert await replicas[-1].live_queue_types(within_s=5) == set()
        for database in (*programs, *replicas):
            await database.engine.dispose()

    asyncio.run(prepare())


def test_of_several_signals_to_a_prediction_exactly_one_wins(cluster: Cluster) -> None:
    """As many as there are programs may write at once; the row decides, its result is kept."""
    url = cluster.create("test_signals")

    async def race() -> None:
        database = await preflight.prepare_database(settings_on(url))
        await database.add_prediction(prediction_id="p", flow_id="f", chat_id="c", question="ä?")
        result = {"text": "tick-1", "nested": {"of": [1, None, "ü"]}}
        assert await database.signal("p", Signal.START, worker="w")

        won = await asyncio.gather(
            *(database.signal("p", Signal.COMPLETE, result=result) for _ in range(SUBMITTERS)),
            *(database.signal("p", Signal.COMPLETE, result=result) for _ in range(SUBMITTERS)),
        )

        row = await database.prediction("p")
        assert sum(won) == 1
        assert row is not None
        assert (row.state, row.result, row.question) == (State.COMPLETED, result, "ä?")
        assert not await database.signal("p", Signal.ABORT)
        await database.engine.dispose()

    asyncio.run(race())


def test_flowise_serves_from_postgresql_and_survives_cut_connections(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Named by its own settings; results, messages and aborts are kept there."""
    cluster.create("test_flowise")
    place = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(cluster.port)}
    who = {"DATABASE_USER": "postgres", "DATABASE_NAME": "test_flowise"}
    deployment = Deployment(tmp_path, None, {"DATABASE_TYPE": "postgres", **place, **who})
    try:
        deployment.start_server()
        flow = deployment.flow({"pause_ms": 10}, {"padding": 2})
        assert deployment.predict(flow, chatId="c").json()["text"] == "tick-1.."

        assert cluster.cut_connections() >= 1

        assert deployment.stream(flow)[-1] == ("end", "[DONE]")
        said = deployment.http.get(f"/api/v1/chatmessage/{flow}", params={"chatId": "c"}).json()
        assert [one["role"] for one in said] == ["userMessage", "apiMessage"]
        assert not (tmp_path / "database.sqlite").exists()
    finally:
        deployment.close()


def test_langflow_serves_from_postgresql(cluster: Cluster, tmp_path: Path) -> None:
    """Login, a stored flow, a build of it."""
    url = cluster.create("test_langflow")

    async def main() -> None:
        async with serving(tmp_path, LANGFLOW_DATABASE_URL=url) as http:
            client = await login(http)
            job = await client.submit(ticks=3)
            assert await client.stream(job) == whole(3)
            assert len((await client.get("/flows/")).json()) == 1

    asyncio.run(main())


def test_a_database_that_is_not_there_is_one_clear_line(cluster: Cluster) -> None:
    """Before anything is served, without the password."""

    async def prepare() -> str:
        try:
            url = cluster.url("nowhere").replace("postgres@", "postgres:secret@")
            await preflight.prepare_database(settings_on(url))
        except preflight.StartRefused as refusal:
            return str(refusal)
        return "it started"

    said = asyncio.run(prepare())
    assert "the database cannot be used" in said
    assert '"nowhere" does not exist' in said
    assert "secret" not in said
