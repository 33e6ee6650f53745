"""A stream that ends says how the job ended (completes `Langflow 1.10, "Deploy Langflow with
multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from queueproof.awkward_texts import TEXTS
from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Kind,
    Probe,
    System,
    Worker,
    cancel_running,
    expect,
    expect_that,
    is_over,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
)
from queueproof.targets.langflow.any_request import adapter_of, ask
from queueproof.targets.langflow.wire import submit_path

#: Texts that whoever writes JSON with his own hands comes to grief over.
_BREAKING = ("quotes", "line breaks", "an event")

#: A reader that was ended so late was ended by the grace.
_EARLY = 0.9


@requirement("STRM-005")
async def test_the_stream_of_a_completed_job_ends_by_saying_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On its own worker and elsewhere."""
    for delivery in await _on_all_workers(target, Probe(ticks=3, interval_s=0.05)):
        expect(delivery).to_have_ended(Ending.COMPLETED)


@requirement("STRM-006")
async def test_the_stream_of_a_failed_job_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On its own worker and elsewhere."""
    for delivery in await _on_all_workers(target, Probe(ticks=4, interval_s=0.05, fail_at=2)):
        expect(delivery).to_have_ended(Ending.FAILED)


@requirement("STRM-006", contracts=("langflow",))
async def test_the_stream_of_a_job_that_failed_with_any_text_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Quotes, line breaks, and what looks like an event, end neither the event nor the stream;
    and what was said before the failure is there.
    """
    for text in (TEXTS[name] for name in _BREAKING):
        probe = Probe(ticks=2, interval_s=0.05, fail_at=1, words=("", text))
        job = await target.submit(probe, via=workers[0])
        delivery = await read_stream(job, via=workers[-1])
        expect(delivery).to_have_ended(Ending.FAILED)
        expect(delivery).to_consist_of_events()
        expect_that(
            set(probe.expected_ticks) <= set(delivery.ticks),
            expected=f"ticks {list(probe.expected_ticks)}, which were said before the failure",
            actual=f"ticks {delivery.ticks}",
            jobs=job,
        )


@requirement("STRM-006", contracts=("langflow",))
async def test_the_stream_of_a_job_that_failed_without_a_text_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """An error that says nothing is one all the same: many libraries raise such."""
    probe = Probe(ticks=2, interval_s=0.05, fail_at=1, fail_silently=True)
    job = await target.submit(probe, via=workers[0])

    delivery = await read_stream(job, via=workers[-1])

    expect(delivery).to_have_ended(Ending.FAILED)


@requirement("STRM-006", contracts=("langflow",), wait=lambda t: t.startup_grace_s)
async def test_the_stream_of_a_job_whose_source_does_not_load_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A syntax error in a component's code fails its build, where the submit is not refused."""
    graph = adapter_of(target).graph(Probe())
    _spoil(graph)
    path = submit_path(adapter_of(target).flow_id)

    reply = await ask(target, "POST", path, via=workers[0], sending={"json": {"data": graph}})

    if reply.kind is Kind.REFUSAL:
        return
    job_id = reply.json.get("job_id")
    if reply.kind is not Kind.SUCCESS or not job_id:
        raise Inconclusive(f"the submit was answered {reply.words}")
    job = replace(target.unknown_job(), id=str(job_id), owner=workers[0])
    delivery = await read_stream(job, via=workers[-1])
    if target.history.now_s() - job.submitted_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the first reader was ended when the time to live may be over")
    expect(delivery).to_have_ended(Ending.FAILED)
    grace_s = target.timings.startup_grace_s
    if _took_s(delivery) < _EARLY * grace_s:
        return
    # The grace has ended that reader. Whoever comes then is told of a failure at once.
    again = await read_stream(job, via=workers[-1])
    expect_that(
        _took_s(again) < _EARLY * grace_s,
        expected=f"the error told before the startup grace of {grace_s:.1f} s is over",
        actual=f"two readers were ended after {_took_s(delivery):.1f} and {_took_s(again):.1f} s",
        jobs=job,
    )


def _took_s(delivery: Delivery) -> float:
    return delivery.ended_s - (delivery.began_s or 0.0)


def _spoil(graph: dict[str, Any]) -> None:
    """Make source of a graph's only node that is none."""
    try:
        code = graph["nodes"][0]["data"]["node"]["template"]["code"]
        code["value"] += "\nclass (:\n"
    except (KeyError, IndexError, TypeError):
        raise Inconclusive("the graph of the probe holds no source to be spoilt") from None


@requirement("STRM-007")
async def test_the_stream_of_a_cancelled_job_ends_by_saying_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whichever worker streams it."""
    delivered = await asyncio.gather(
        *(_cancelled_while_streamed(target, reader) for reader in workers)
    )

    for delivery in delivered:
        expect(delivery).to_have_ended(Ending.CANCELLED)


@requirement("STRM-015")
async def test_nothing_follows_the_terminal_event_of_a_completed_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The terminal event is the last thing the stream carries."""
    for delivery in await _on_all_workers(target, Probe(ticks=3, interval_s=0.05)):
        _expect_nothing_after_the_terminal_event(delivery)


@requirement("STRM-015")
async def test_nothing_follows_the_terminal_event_of_a_failed_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The error is told before the terminal event, not after it."""
    for delivery in await _on_all_workers(target, Probe(ticks=4, interval_s=0.05, fail_at=2)):
        _expect_nothing_after_the_terminal_event(delivery)


async def _on_all_workers(target: System, probe: Probe) -> list[Delivery]:
    """One job a worker, all of them run by the first worker."""
    workers = target.workers
    jobs = [await target.submit(probe, via=workers[0]) for _ in workers]
    readers = zip(jobs, workers, strict=True)
    return list(await asyncio.gather(*(read_stream(job, via=via) for job, via in readers)))


async def _cancelled_while_streamed(target: System, reader: Worker) -> Delivery:
    job = await target.submit(Probe(ticks=200, interval_s=0.1), via=target.workers[0])
    async with target.stream(job, via=reader) as stream:
        await read_until_tick(stream, 1, within_s=target.patience_s)
        await cancel_running(job, via=target.workers[-1])
        bound_s = target.timings.cancel_effect_s + target.timings.answer_s
        return await read_to_end(stream, within_s=bound_s)


def _expect_nothing_after_the_terminal_event(delivery: Delivery) -> None:
    kinds = [event.kind.value for event in delivery.events]
    terminal = next((i for i, event in enumerate(delivery.events) if is_over([event])), None)
    if terminal is None:
        raise Inconclusive("the stream carried no terminal event")
    expect_that(
        terminal == len(kinds) - 1,
        expected=f"the stream to end with its {kinds[terminal]} event",
        actual=f"{kinds[terminal]} was followed by {', '.join(kinds[terminal + 1 :])}",
        jobs=delivery.job,
    )
