"""Every endpoint that takes an id, tokens of users who are gone, and what refusals tell
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation and Monitor the job queue).
"""

from __future__ import annotations

import uuid

from queueproof.case import (
    Access,
    Inconclusive,
    Kind,
    Probe,
    Role,
    System,
    Worker,
    expect_that,
    requirement,
)
from queueproof.case_helpers.refusals import NOT_FOR_YOU
from queueproof.faults import injected
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.running.launch import Launch
from queueproof.targets.langflow.any_request import adapter_of, ask, job_paths
from queueproof.targets.langflow.throwaway_users import (
    change_user,
    key_of,
    log_in,
    make_key,
    make_user,
    throwaway_user,
    token_of,
)
from queueproof.targets.langflow.wire import submit_path
from queueproof.targets.marks import marked
from queueproof.targets.raw_replies import RawReply

_RUNNING = Probe(ticks=30, interval_s=0.1)
_NOT_LET_IN = (401, 403)
_PASSWORD = "Sesame-Open-1"  # noqa: S105  (of a Redis server that lives as long as the case)
#: What no answer may carry: traces, addresses of what is behind, and the language's own words.
_TELLTALE = ("Traceback (most recent call last)", 'File "/', "site-packages", "redis://")
_ODD = " +%&=\u00e4\u20ac\U0001f680\"'"
_NOTHING: dict[str, object] = {"json": {}}
_FLOW: dict[str, object] = {"data": {"nodes": [], "edges": []}}


@requirement("ACCS-010")
async def test_another_user_cannot_reach_the_users_flow(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Neither build, nor read, list or delete it; and it is still there afterwards."""
    made = await ask(target, "POST", "/api/v1/flows/", via=workers[0], sending={"json": _flow()})
    flow_id = made.json.get("id")
    if made.status != 201 or not flow_id:
        raise Inconclusive(f"a flow could not be made: {made.words}")
    path = f"/api/v1/flows/{flow_id}"
    try:
        wrong: list[str] = []
        for worker in dict.fromkeys((workers[0], workers[-1])):
            for method, where in (("POST", submit_path(flow_id)), ("GET", path), ("DELETE", path)):
                sending = _NOTHING if method == "POST" else None
                for role in (Role.OTHER, Role.NOBODY, Role.FORGER):
                    reply = await ask(target, method, where, via=worker, role=role, sending=sending)
                    _note(wrong, reply, NOT_FOR_YOU, f"{method} with {role.value}")
            listed = await ask(target, "GET", "/api/v1/flows/", via=worker, role=Role.OTHER)
            if listed.kind is Kind.SUCCESS and flow_id in listed.body:
                wrong.append(f"another user's list of flows on worker {worker} has it")
        there = await ask(target, "GET", path, via=workers[0])
    finally:
        await ask(target, "DELETE", path, via=workers[0])

    expect_that(
        not wrong and there.status == 200,
        expected="another user's requests for the flow refused, and the flow still there",
        actual="; ".join(wrong[:4]) or f"the user's own request is answered {there.words}",
    )


@requirement("ACCS-011")
async def test_a_token_of_a_user_who_is_deactivated_or_gone_opens_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker at once, though each has let the user in a moment ago."""
    name, password = marked("queueproof-"), f"Qp-{uuid.uuid4().hex}-1"
    user = await make_user(target, via=workers[0], name=name, password=password)
    try:
        await change_user(target, user, {"is_active": True}, via=workers[0])
        token = await token_of(target, user, via=workers[0])
        await _expect_let_in(target, workers, token=token)
        await change_user(target, user, {"is_active": False}, via=workers[0])
        await _expect_shut_out(target, workers, "who was deactivated", token=token)
        again = await log_in(target, name, password, via=workers[-1])
        await change_user(target, user, {"is_active": True}, via=workers[-1])
        await _expect_let_in(target, workers, token=token)
    finally:
        gone = await ask(target, "DELETE", user.path, via=workers[0], role=Role.ADMIN)
    if gone.kind is not Kind.SUCCESS:
        raise Inconclusive(f"the user could not be deleted: {gone.words}")
    await _expect_shut_out(target, workers, "who was deleted", token=token)
    expect_that(
        again.refused,
        expected="the login of a deactivated user refused",
        actual=f"answered {again.words}",
    )


@requirement("ACCS-011")
async def test_an_api_key_of_a_user_who_is_deactivated_opens_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker at once, though each has let the user in by it a moment ago."""
    password = f"Qp-{uuid.uuid4().hex}-1"
    async with throwaway_user(target, via=workers[0], password=password) as user:
        await change_user(target, user, {"is_active": True}, via=workers[0])
        key = await key_of(target, user, via=workers[0])
        await _expect_let_in(target, workers, key=key)
        await change_user(target, user, {"is_active": False}, via=workers[0])
        await _expect_shut_out(target, workers, "who was deactivated", key=key)


@requirement("ACCS-014")
async def test_an_api_key_that_was_deleted_opens_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker at once, though each has let its user in by it a moment ago."""
    async with throwaway_user(target, via=workers[0]) as user:
        made = await make_key(target, user, via=workers[0])
        await _expect_let_in(target, workers, key=made.key)
        token = await token_of(target, user, via=workers[0])
        gone = await ask(target, "DELETE", made.path, via=workers[0], token=token)
        if gone.kind is not Kind.SUCCESS:
            raise Inconclusive(f"the key could not be deleted: {gone.words}")
        await _expect_shut_out(target, workers, "who has deleted it", key=made.key)


@requirement("ACCS-013")
async def test_a_password_may_hold_any_characters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whoever was given a password with odd characters logs in with it, and not with another."""
    password = f"Qp1-{uuid.uuid4().hex[:8]}{_ODD}"
    async with throwaway_user(target, via=workers[0], password=password) as user:
        right = await log_in(target, user.name, password, via=workers[-1])
        wrong = await log_in(target, user.name, password[: -len(_ODD)], via=workers[-1])

    expect_that(
        right.status == 200 and bool(right.json.get("access_token")) and wrong.refused,
        expected="a token for the password, and a refusal for its beginning alone",
        actual=f"{right.status} {'' if right.status == 200 else right.detail} for the password, "
        f"{wrong.status} for its beginning",
    )


@requirement("ACCS-012")
async def test_refusals_tell_nothing_of_what_is_behind(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Neither traces nor addresses, whatever is wrong with the request."""
    job = await target.submit(_RUNNING, via=workers[0])
    unknown = str(uuid.uuid4())
    submit = submit_path(adapter_of(target).flow_id)
    asked: list[tuple[str, str, Role, dict[str, object]]] = [
        ("POST", submit, Role.USER, {"content": b"{not json"}),
        ("POST", submit, Role.USER, {"json": {"data": "no graph"}}),
        ("POST", submit, Role.USER, {"json": {"data": {"nodes": [{}], "edges": [7]}}}),
        ("POST", submit_path("no-uuid"), Role.USER, {"json": {}}),
        ("GET", f"/api/v1/build/{job.id}/events?event_delivery=nonsense", Role.USER, {}),
        ("GET", "/api/v1/monitor/job_queue", Role.OTHER, {}),
        ("GET", "/api/v1/monitor/job_queue", Role.FORGER, {}),
        *((m, p, Role.USER, {}) for m, p in job_paths(unknown).values()),
        *((m, p, Role.OTHER, {}) for m, p in job_paths(job.id).values()),
    ]
    telling, refusals = [], 0
    for method, path, role, request in asked:
        reply = await ask(target, method, path, via=workers[-1], role=role, sending=request)
        if reply.status is not None and reply.status >= 400:
            refusals += 1
            telling += [f"{method} {path}: {word!r}" for word in _told(reply)]

    if not refusals:
        raise Inconclusive(f"none of {len(asked)} wrong requests was answered with an error")
    expect_that(
        not telling,
        expected="refusals without traces, addresses or paths",
        actual="; ".join(telling[:4]),
        jobs=job,
    )


@requirement("ACCS-012", access=Access.LAUNCH, wait=lambda t: t.outage_answer_s)
async def test_errors_in_an_outage_tell_nothing_of_the_queues_redis(launch: Launch) -> None:
    """Requests that need a Redis which hangs are answered without its address and password."""
    guarded = await launch.redis(password=_PASSWORD)
    lane = await launch.lane({"LANGFLOW_REDIS_QUEUE_URL": guarded.url(1)}, workers=1, redis=guarded)
    target, worker = lane.system, lane.system.workers[0]
    job = await target.submit(_RUNNING, via=worker)
    asked = [
        ("POST", submit_path(adapter_of(target).flow_id)),
        *job_paths(job.id).values(),
        ("GET", "/health_check"),
        ("GET", "/api/v1/monitor/job_queue"),
    ]
    async with injected(FrozenProcess(guarded.victim, "Redis"), target.history):
        replies = [
            (path, await ask(target, method, path, via=worker, role=Role.ADMIN))
            for method, path in asked
        ]
    words = (*_TELLTALE, _PASSWORD, f":{guarded.port}")
    telling = [
        f"{path}: {word!r}"
        for path, reply in replies
        if (reply.status or 0) >= 400
        for word in _told(reply, words)
    ]
    if not any((reply.status or 0) >= 500 for _, reply in replies):
        raise Inconclusive("no request was answered with an error while Redis hung")
    expect_that(
        not telling,
        expected="errors without the address and the password of the queue's Redis",
        actual="; ".join(telling[:4]).replace(_PASSWORD, "(its password)"),
    )


async def _expect_let_in(
    target: System, workers: tuple[Worker, ...], *, token: str = "", key: str = ""
) -> None:
    for worker in workers:
        path = "/api/v1/users/whoami"
        reply = await ask(target, "GET", path, via=worker, token=token, key=key)
        if reply.status != 200:
            raise Inconclusive(f"worker {worker} does not let the user in: {reply.words}")


async def _expect_shut_out(
    target: System, workers: tuple[Worker, ...], whose: str, *, token: str = "", key: str = ""
) -> None:
    wrong: list[str] = []
    paths = {"who I am": ("GET", "/api/v1/users/whoami"), "my flows": ("GET", "/api/v1/flows/")}
    paths |= {"a submit": ("POST", submit_path(adapter_of(target).flow_id))}
    paths |= job_paths(str(uuid.uuid4()))
    for worker in workers:
        for what, (method, path) in paths.items():
            sending = _NOTHING if what == "a submit" else None
            reply = await ask(
                target, method, path, via=worker, token=token, key=key, sending=sending
            )
            _note(wrong, reply, _NOT_LET_IN, f"{what} on worker {worker}")
    expect_that(
        not wrong,
        expected=f"the {'key' if key else 'token'} of a user {whose} refused (401 or 403) on "
        "every worker",
        actual="; ".join(wrong[:4]),
    )


def _note(wrong: list[str], reply: RawReply, statuses: tuple[int, ...], what: str) -> None:
    if not reply.answered:
        raise Inconclusive(f"{what} was not answered: {reply.detail}")
    if reply.status not in statuses:
        wrong.append(f"{what}: {reply.status} {reply.detail}".strip())


def _told(reply: RawReply, words: tuple[str, ...] = _TELLTALE) -> list[str]:
    return [word for word in words if word in reply.body]


def _flow() -> dict[str, object]:
    return {**_FLOW, "name": marked("queueproof probe ")}
