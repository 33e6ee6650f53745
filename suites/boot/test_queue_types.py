"""One queue type for everybody, and one that can be shared ("Prerequisites", "Introduction")."""

from __future__ import annotations

from queueproof.case import Inconclusive, System, expect_that, require_answer, requirement
from queueproof.case_helpers.boot_expectations import expect_start, report
from queueproof.running.launch import Launch

TYPE = "LANGFLOW_JOB_QUEUE_TYPE"
IN_MEMORY = {TYPE: "asyncio"}
_ALONE = {"LANGFLOW_WORKERS": "1"}
#: A queue type, those who do not have the same one, and that this will not do.
MIXED = report(
    r"\b(queue[ _-]?types?|job[ _-]?queues?|queue backends?)\b|_queue_type\b",
    r"\b(replicas?|deployments?|instances?|workers?|nodes?|peers?|others?|another|mix(ed|ing))\b",
    r"\b(mix(ed|ing)|mismatch\w*|differ(s|ent|ing)?|disagree\w*|inconsistent\w*|conflict\w*"
    r"|must (all )?(use|be|have|match|run)|not the same|same (job )?queue)\b",
)
#: Several workers, a queue in memory, and that these do not go together.
NOT_SHARED = report(
    r"\bworkers?\b|_workers\b",
    r"\b(in[ -]?memory|asyncio|job[ _-]?queue|queue type)\b|_queue_type\b",
    r"\b(must|cannot|can ?not|can't|could not|won't|will not|unsupported|not supported|not shared"
    r"|not share|not visible|unshared|requires?|needs?|refus\w+|incompatible|inconsistent"
    r"|not (work|recommended|safe)|unsafe|lost|per[ -]worker|use redis|single worker only)\b",
)


@requirement("BOOT-001", workers=2)
async def test_all_workers_report_the_same_queue_type(target: System) -> None:
    """The monitors of all workers name one backend."""
    monitors = await target.monitors()

    for worker, monitor in monitors.items():
        require_answer(monitor, 200, to=f"the monitor of worker {worker}")
    backends = {str(worker): monitor.body.get("backend") for worker, monitor in monitors.items()}
    silent = [worker for worker, name in backends.items() if not name]
    if silent:
        raise Inconclusive(f"the monitor of worker {', '.join(silent)} names no backend")
    expect_that(
        len(set(backends.values())) == 1,
        expected="one queue type on all workers",
        actual=", ".join(f"worker {worker}: {name}" for worker, name in backends.items()),
    )


@requirement("BOOT-004")
async def test_a_deployment_of_mixed_queue_types_is_refused_or_reported(launch: Launch) -> None:
    """Beside a redis replica, an asyncio replica on the same database does not start silently; nor
    does a redis replica beside an asyncio one.
    """
    redis = await launch.redis()
    good = (await launch.usual(), (await launch.shared(IN_MEMORY, workers=1)).boot)
    for here, there in (("redis", "asyncio"), ("asyncio", "redis")):
        folder = launch.folder()
        first = await launch.attempt({TYPE: here, **_ALONE}, redis=redis, data=folder)
        if not first.serving:
            raise Inconclusive(f"the {here} replica does not serve: {first.last_lines}")

        second = await launch.attempt({TYPE: there, **_ALONE}, redis=redis, data=folder)

        await expect_start(second, usual=good).to_be_refused_or_reported(
            expected=f"a replica of type {there} beside one of type {here} is refused or reported",
            report=MIXED,
            beside=(first,),
        )


@requirement("BOOT-005")
async def test_the_in_memory_queue_with_several_workers_is_refused_or_reported(
    launch: Launch,
) -> None:
    """Two workers that cannot share their builds do not start silently."""
    good = (await launch.usual(), (await launch.shared(IN_MEMORY, workers=1)).boot)

    boot = await launch.attempt({**IN_MEMORY, "LANGFLOW_WORKERS": "2"})

    await expect_start(boot, usual=good).to_be_refused_or_reported(
        expected="2 workers on the in-memory queue are refused or reported", report=NOT_SHARED
    )
