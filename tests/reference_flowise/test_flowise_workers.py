"""Workers that come, go and die; a Redis that dies; a queue that must lose nothing."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reference_impl.core.predictions import HoldRule

CANCELLED = "Flow execution was cancelled"
SETTLE_S = 2.5
JOBS = 200
#: No worker of a busy machine is silent for so long.
LONG_LOCK_S = "30"


def test_200_jobs_while_workers_come_and_go_are_each_run_once(
    deployment: Any, witness: Any
) -> None:
    """Nothing lost, nothing twice: every answer came, every side effect happened once."""
    deployment.start_server(REFERENCE_LOCK_S=LONG_LOCK_S)
    flow = deployment.flow({"witness": witness.url, "pause_ms": 40})
    first = deployment.start_worker(WORKER_CONCURRENCY="4", REFERENCE_LOCK_S=LONG_LOCK_S)
    with ThreadPoolExecutor(16) as pool:
        questions = [f"job-{number}" for number in range(JOBS)]
        answers = [pool.submit(deployment.predict, flow, one) for one in questions]
        second = deployment.start_worker(WORKER_CONCURRENCY="4", REFERENCE_LOCK_S=LONG_LOCK_S)
        assert first.stop() == 0
        deployment.start_worker(WORKER_CONCURRENCY="4", REFERENCE_LOCK_S=LONG_LOCK_S)
        assert second.stop() == 0
        results = [answer.result(timeout=40) for answer in answers]
    assert [result.text for result in results if result.status_code != 200] == []
    assert sorted(result.json()["question"] for result in results) == sorted(questions)
    assert witness.seen == {f"/{one}/0": 1 for one in questions}


def test_without_a_worker_a_job_waits_and_can_be_aborted(
    deployment: Any, witness: Any, eventually: Any
) -> None:
    """The main server runs nothing itself; an aborted job never runs, a waiting one does."""
    deployment.start_server()
    flow = deployment.flow({"witness": witness.url})
    aborted = str(uuid.uuid4())
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(deployment.stream, flow, "unwanted", chatId=aborted)
        two = pool.submit(deployment.predict, flow, "wanted")
        eventually(lambda: deployment.waiting() == 2)
        assert not one.done()
        assert not two.done()
        assert deployment.abort(flow, aborted).status_code == 200
        assert one.result(timeout=10)[-2:] == [("error", CANCELLED), ("end", "[DONE]")]
        deployment.start_worker()
        assert two.result(timeout=10).json()["text"] == "tick-0"
    assert witness.seen == {"/wanted/0": 1}


def test_a_wait_for_a_worker_ends_in_bounded_time(deployment: Any, witness: Any) -> None:
    """With a clear error, and what was given up is not run later."""
    deployment.start_server(REFERENCE_WAIT_S="1")
    flow = deployment.flow({"witness": witness.url})
    begun = time.monotonic()
    answer = deployment.predict(flow, "given up")
    assert answer.status_code == 504
    assert "no worker" in answer.json()["message"]
    assert time.monotonic() - begun < 5
    deployment.start_worker()
    assert deployment.predict(flow, "next").status_code == 200
    assert witness.seen == {"/next/0": 1}


def test_a_killed_workers_job_ends_in_a_stated_way_within_a_stated_bound(
    deployment: Any, witness: Any, eventually: Any
) -> None:
    """It had begun, so it is not run again by the worker that is left; whoever waits is told."""
    deployment.start_server()
    doomed = deployment.start_worker()
    flow = deployment.flow({"witness": witness.url, "pause_ms": 60_000}, {})
    with ThreadPoolExecutor(1) as pool:
        streamed = deployment.follow(flow, "streamed")
        waited = pool.submit(deployment.predict, flow, "waited")
        eventually(lambda: len(witness.seen) == 2)
        deployment.start_worker()
        doomed.process.kill()
        begun = time.monotonic()
        told, answer = streamed.to_the_end(), waited.result(timeout=20)
    bound_s = HoldRule(float(deployment.extra["REFERENCE_LOCK_S"])).noticed_within_s
    assert time.monotonic() - begun < bound_s + SETTLE_S
    assert "worker died" in told[-2][1]
    assert told[-1] == ("end", "[DONE]")
    assert deployment.begun(told) == ["Start", "tick-0"]
    assert answer.status_code == 500
    assert witness.seen == {"/streamed/0": 1, "/waited/0": 1}


def test_a_stopping_worker_is_unhealthy_and_finishes_what_runs(
    deployment: Any, eventually: Any
) -> None:
    """Its job ends well; its health says that it takes no more."""
    deployment.start_server()
    worker = deployment.start_worker()
    flow = deployment.flow({"pause_ms": 3000})
    with ThreadPoolExecutor(1) as pool:
        waited = pool.submit(deployment.predict, flow)
        eventually(lambda: deployment.active() == 1)
        worker.process.terminate()
        eventually(lambda: not worker.is_healthy("/healthz"), within_s=2)
        assert waited.result(timeout=10).status_code == 200
    assert worker.process.wait(timeout=10) == 0


def test_a_restarted_redis_heals_without_restarting_anything(
    deployment: Any, redis_server: Any, eventually: Any
) -> None:
    """Health tells the truth throughout; what ran is told that it is lost; the next one works."""
    server, worker = deployment.start_server(), deployment.start_worker()
    flow, slow = deployment.flow({}), deployment.flow({"pause_ms": 60_000})
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(deployment.predict, slow)
        eventually(lambda: deployment.active() == 1)
        redis_server.kill()
        eventually(lambda: not server.is_healthy("/api/v1/ping"), within_s=5)
        eventually(lambda: not worker.is_healthy("/healthz"), within_s=5)
        begun = time.monotonic()
        assert deployment.predict(flow).status_code == 503
        assert time.monotonic() - begun < 5
        redis_server.start()
        eventually(lambda: server.is_healthy("/api/v1/ping"), within_s=5)
        eventually(lambda: worker.is_healthy("/healthz"), within_s=5)
        assert deployment.predict(flow).status_code == 200
        assert deployment.stream(flow)[-1] == ("end", "[DONE]")
        assert lost.result(timeout=20).status_code == 500


def test_cut_subscriptions_lose_no_event(deployment: Any, redis_server: Any) -> None:
    """What pub/sub did not bring is read from the stream."""
    deployment.start_server()
    deployment.start_worker()
    flow = deployment.flow(*({"pause_ms": 100} for _ in range(10)))
    streamed = deployment.follow(flow)
    with redis_server.client() as client:
        for number in range(0, 10, 2):
            streamed.until_begun(f"tick-{number}")
            client.client_kill_filter(_type="pubsub")
    told = streamed.to_the_end()
    assert deployment.begun(told) == ["Start", *(f"tick-{number}" for number in range(10))]
    assert [name for name, _ in told][-2:] == ["metadata", "end"]


def test_a_worker_runs_no_more_than_its_concurrency(deployment: Any) -> None:
    """Six jobs of 0.3 s, two at a time, take three rounds."""
    deployment.start_server()
    deployment.start_worker(WORKER_CONCURRENCY="2")
    flow = deployment.flow({"pause_ms": 300})
    begun = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: deployment.predict(flow), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert time.monotonic() - begun >= 0.9


def test_a_worker_with_another_secret_key_is_refused(deployment: Any) -> None:
    """Whichever of the two starts first."""
    early = deployment.launch("worker", FLOWISE_SECRETKEY_OVERWRITE="another")
    deployment.start_server(FLOWISE_SECRETKEY_OVERWRITE="this")
    late = deployment.launch("worker", FLOWISE_SECRETKEY_OVERWRITE="another")
    for worker in (early, late):
        assert worker.process.wait(timeout=10) == 1
        said = worker.errors.read_text("utf-8")
        assert "secret key" in said
        assert "Traceback" not in said
    deployment.start_worker(FLOWISE_SECRETKEY_OVERWRITE="this")
    assert deployment.predict(deployment.flow({})).status_code == 200


def test_streams_are_trimmed_finished_jobs_go_and_queues_stay_apart(
    deployment: Any, redis_server: Any, eventually: Any
) -> None:
    """Length, count and age as configured; another queue name sees nothing of it."""
    limits = {
        "QUEUE_REDIS_EVENT_STREAM_MAX_LEN": "20",
        "REMOVE_ON_COUNT": "5",
        "REMOVE_ON_AGE": "3",
    }
    deployment.start_server(QUEUE_NAME="one", **limits)
    deployment.start_worker(QUEUE_NAME="one", **limits)
    deployment.start_worker(QUEUE_NAME="other")
    flow = deployment.flow({})
    for _ in range(12):
        assert deployment.predict(flow).status_code == 200
    with redis_server.client() as client:
        assert client.zcard("bull:one-prediction:completed") == 5
        eventually(lambda: client.xlen("bull:one-prediction:events") <= 20, within_s=4)
        eventually(lambda: client.zcard("bull:one-prediction:completed") == 0, within_s=8)
        assert not client.exists("bull:other-prediction:completed")


def test_main_mode_runs_predictions_in_the_server_itself(local_deployment: Any) -> None:
    """Without Redis: blocking, streaming, abort; no dashboard."""
    deployment = local_deployment
    deployment.start_server(ENABLE_BULLMQ_DASHBOARD="true")
    flow, slow = deployment.flow({"pause_ms": 20}, {}), deployment.flow({"pause_ms": 60_000})
    assert deployment.predict(flow).json()["text"] == "tick-1"
    told = deployment.stream(flow)
    assert deployment.begun(told) == ["Start", "tick-0", "tick-1"]
    assert told[-1] == ("end", "[DONE]")
    streamed = deployment.follow(slow, chatId="chat")
    streamed.until_begun("tick-0")
    assert deployment.abort(slow, "chat").status_code == 200
    assert streamed.to_the_end()[-2:] == [("error", CANCELLED), ("end", "[DONE]")]
    assert deployment.http.get("/admin/queues").status_code == 404
