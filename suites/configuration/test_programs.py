"""What server and worker must agree on, refuse, and keep (`Flowise, "Running Flowise using
Queue"`, Queue Mode, Start Worker and Method 1: Pre-built Images).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    Role,
    System,
    expect_that,
    flows,
    messages,
    new_job,
    predict,
    require_answer,
    requirement,
    server_health,
    worker_health,
)
from queueproof.case_helpers.boot_expectations import expect_start, report
from queueproof.history import Outcome
from queueproof.running.launch import Launch
from queueproof.targets.flowise.any_request import ask_flowise, own_flow
from queueproof.targets.flowise.wire import FLOWS
from queueproof.targets.vantage import Vantage

_SECRET = "FLOWISE_SECRETKEY_OVERWRITE"  # noqa: S105  (a setting's name)
BRIEF = Probe(ticks=1, interval_s=0.05)
#: The key, and, of the same thing, that it is not the right one. That a key was read is no report.
_KEY = r"(?:(?:secret|encryption)[ _-]?key|secretkey_overwrite)\b"
_WRONG = (
    r"\b(?:differ(?:s|ent)?|mismatch\w*|(?:is|do|does|are)(?: not|n't) (?:match|the same|agree)"
    r"|not match\w*|wrong|another(?: one)?|invalid|incorrect|not the one)\b"
)
_MISMATCH = report(rf"{_KEY}[^.;!?]{{0,80}}?{_WRONG}|{_WRONG}[^.;!?]{{0,40}}?{_KEY}")
_MODE = report(r"\bmode\b", r"\bsideways\b|\b(must|one of|unknown|invalid|unsupported|expected)\b")
_CONCURRENCY = report(
    r"concurrency\b", r"\bmany\b|\b(number|integer|numeric|finite|invalid|nan|must)\b"
)
_NOT_LET_IN = (401, 403)
_LOGIN_WITHIN_S = 10.0
_RENAMED = "queueproof probe of a stranger"


@requirement("CONF-006")
async def test_a_worker_with_another_secret_key_is_told_so(launch: Launch) -> None:
    """It refuses to start, or says that its key is another than the server's."""
    lane = await launch.lane({_SECRET: "the-servers-own-key"}, workers=0)

    hired = await launch.hire(lane, {_SECRET: "another-key-altogether"})

    await expect_start(hired, usual=await launch.usual_crew()).to_be_refused_or_reported(
        expected="somebody says that the worker's secret key is another than the server's",
        report=_MISMATCH,
        beside=(lane.boot,),
    )


@requirement("CONF-007")
async def test_an_unknown_mode_is_refused(launch: Launch) -> None:
    """The start ends with an error that names MODE."""
    boot = await launch.attempt({"MODE": "sideways"})

    expect_start(boot, usual=[await launch.usual()]).to_be_refused_clearly(
        expected="the start is refused, naming MODE", report=_MODE
    )


@requirement("CONF-012")
async def test_without_a_mode_the_server_runs_jobs_itself(launch: Launch) -> None:
    """No worker is there, and yet a prediction is answered."""
    lane = await launch.lane(
        {"MODE": None, "REDIS_URL": None},
        workers=0,
        owed="a server without MODE needs neither Redis nor a worker",
    )

    reply = await predict(new_job(lane.system, BRIEF))

    expect_that(
        reply.kind is Kind.SUCCESS,
        expected="a prediction is answered by the server itself",
        actual=f"it gets {reply.words}",
    )


@requirement("CONF-008")
async def test_a_concurrency_that_is_no_number_is_refused(launch: Launch) -> None:
    """The worker's start ends with an error that says what it is about."""
    lane = await launch.lane({}, workers=0)

    hired = await launch.hire(lane, {"WORKER_CONCURRENCY": "many"})

    expect_start(hired, usual=await launch.usual_crew()).to_be_refused_clearly(
        expected="the start is refused, naming the concurrency", report=_CONCURRENCY
    )


@requirement("CONF-009")
async def test_an_account_is_there_again_after_a_restart(launch: Launch) -> None:
    """The login that was made before the restart opens the server that came after it."""
    data = launch.folder()
    first = await launch.lane({}, workers=0, data=data)
    await first.close.aclose()

    boot = await launch.attempt({}, data=data)

    if not boot.serving:
        raise Inconclusive(f"the second start does not serve: {boot.last_lines}")
    vantage = Vantage(boot.url)
    try:
        reply = await first.system.adapter.log_in_again(
            vantage, correctly=True, within_s=_LOGIN_WITHIN_S
        )
    finally:
        await vantage.close()
    expect_that(
        reply is not None and reply.outcome is Outcome.OK,
        expected="the login of before the restart is accepted",
        actual=reply.words if reply else "no login to try",
    )


@requirement("CONF-010", needs=("worker_health",))
async def test_server_and_worker_listen_on_the_ports_given(target: System) -> None:
    """Both answer where they were told to listen."""
    server, worker = await server_health(target), await worker_health(target, target.crew[0])

    expect_that(
        server.status == worker.status == 200,
        expected="200 from the server on PORT and from the worker on WORKER_PORT",
        actual=f"{server.words} and {worker.words}",
    )


@requirement("CONF-011")
async def test_flows_are_refused_to_those_who_are_not_logged_in(target: System) -> None:
    """The list of flows opens to a user, and to nobody else."""
    known = await flows(target, role=Role.USER)
    if known.status != 200:
        raise Inconclusive(f"even its user does not get the list of flows: {known.words}")

    for role in (Role.NOBODY, Role.FORGER):
        reply = await flows(target, role=role)
        if not reply.answered:
            raise Inconclusive(f"not answered: {reply.detail}")
        expect_that(
            reply.status in _NOT_LET_IN,
            expected=f"401 or 403 to one with {role.value}",
            actual=reply.words,
        )


@requirement("CONF-011")
async def test_nobody_who_is_not_logged_in_changes_or_deletes_a_flow(target: System) -> None:
    """What becomes of the flow is judged, and not how a stranger is told."""
    async with own_flow(target, BRIEF) as flow_id:
        path, before = f"{FLOWS}/{flow_id}", await _name_of(target, flow_id)
        for role in (Role.NOBODY, Role.FORGER):
            for method, sending in (("PUT", {"json": {"name": _RENAMED}}), ("DELETE", None)):
                reply = await ask_flowise(target, method, path, role=role, sending=sending)
                if not reply.answered:
                    raise Inconclusive(f"a {method} was not answered: {reply.detail}")
                expect_that(
                    await _name_of(target, flow_id) == before,
                    expected=f"the flow as it was after a {method} of one with {role.value}",
                    actual=f"it is changed or gone; the {method} was answered {reply.words}",
                )


async def _name_of(target: System, flow_id: str) -> str:
    """What the flow is called; empty if its user is told that there is none."""
    shown = await ask_flowise(target, "GET", f"{FLOWS}/{flow_id}")
    require_answer(shown, Kind.SUCCESS, 404, to="its user's question for the flow")
    return str(shown.json.get("name", ""))


@requirement("CONF-011")
async def test_what_was_said_in_a_flow_is_refused_to_those_who_are_not_logged_in(
    target: System,
) -> None:
    """A chat's messages are told to the user who made its flow, and to nobody else."""
    job = new_job(target, BRIEF)
    require_answer(await predict(job), Kind.SUCCESS, to="the prediction")
    known = await messages(job)
    if job.key not in known.content("userMessage"):
        raise Inconclusive(f"even its user is not told the chat's messages: {known.words}")

    for role in (Role.NOBODY, Role.FORGER):
        reply = await messages(job, role=role)
        if not reply.answered:
            raise Inconclusive(f"not answered: {reply.detail}")
        expect_that(
            not reply.messages,
            expected=f"no message of the chat told to one with {role.value}",
            actual=f"{reply.words} with {len(reply.messages)} messages",
            jobs=job,
        )
