"""Plays recorded steps against any queue with an HTTP job API, as a mapping describes it.

Needs Python 3.11 and httpx, nothing else. queueproof carries this file behind `player_core`, the
meaning of mappings, the symptoms, `heard_events` and `tick_server` as the body of every stand-alone
script for such a queue; `CASE` is then the recorded failure, with the mapping. Every request has a
connection of its own.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import httpx

from queueproof.reproducing.heard_events import ENDS, Observed, bodies_in, meaning_of, said
from queueproof.reproducing.player_core import (
    CANNOT_TELL,
    Seen,
    announce,
    ask_for,
    client_of,
    conclude,
    expected_ticks,
    front_headers,
    play_all,
    run_with,
    tell,
    timed,
)
from queueproof.reproducing.queue_symptoms import (
    RESULT_KEPT,
    at_most_s,
    crowd_s,
    runs_at_most,
    symptoms,
)
from queueproof.reproducing.tick_server import TickServer
from queueproof.targets.generic.wire import MISSING, braces_of, filled, find, given

CASE: dict[str, Any] = {}

LOOK_EVERY_S = 0.15
#: A job's work counts as over when no job has told of a step for so long.
QUIET_S = 8.0
LONGEST_WATCH_S = 240.0
SECRETS = ("token", "username", "password", "cookie")

Look = Callable[[dict[str, Any], Observed], Awaitable[None]]


class Queue:
    """A deployment, the jobs submitted to it, and how far each is read."""

    def __init__(self, client: httpx.AsyncClient, witness: TickServer) -> None:
        self.client = client
        self.witness = witness
        self.mapping: dict[str, Any] = CASE["mapping"]
        self.headers: dict[str, str] = {}
        self.run = uuid.uuid4().hex[:8]
        self.jobs: dict[str, str] = {}
        self.keys: defaultdict[str, list[str]] = defaultdict(list)
        self.also: dict[str, dict[str, Any]] = {}
        self.positions: dict[str, str] = {}
        self.claimed: dict[str, float] = {}
        self.cancelled: set[str] = set()
        self.told: defaultdict[str, int] = defaultdict(int)

    async def log_in(self) -> None:
        """The headers that speak for the user: TARGET_TOKEN, or TARGET_USERNAME and _PASSWORD."""
        secrets = {each: os.environ.get(f"TARGET_{each.upper()}", "") for each in SECRETS}
        pair = f"{secrets['username']}:{secrets['password']}"
        secrets["basic"] = base64.b64encode(pair.encode()).decode()
        if "login" in self.mapping["calls"]:
            answer = await self.send("login", secrets)
            answer.raise_for_status() if answer.status_code >= 400 else None
            cookie = re.escape(self.mapping["login_cookie"])
            found = re.search(
                rf"(?:^|[,;]\s*){cookie}=([^;,]+)", answer.headers.get("set-cookie", "")
            )
            secrets["cookie"] = found[1] if cookie and found else ""
            token = find(said(answer), self.mapping["paths"].get("login.token", "login.token"))
            secrets["token"] = secrets["token"] if token is MISSING else str(token)
        self.headers = given(filled(self.mapping["credentials"], secrets))

    def request(self, name: str, values: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        """A request of the mapping: method, path, and the rest as httpx takes it."""
        call = self.mapping["calls"][name]
        values = {**self.also.get(str(values.get("job")), self.also.get("", {})), **values}
        in_path = {each: quote(str(value), safe="") for each, value in values.items()}
        headers = {**given(filled(call["headers"], values)), **self.headers, **front_headers()}
        rest: dict[str, Any] = {"headers": headers}
        body = values.get("body")
        if call["query"]:
            rest["params"] = given(filled(call["query"], values))
        if call["json"]:
            rest["json"] = filled(body or call["json"], values)
        if call["form"]:
            rest["data"] = given(filled(body or call["form"], values))
        return call["method"], str(filled(call["path"], in_path)), rest

    async def send(self, name: str, values: dict[str, Any], **more: Any) -> httpx.Response:
        """One request and its whole answer."""
        method, path, rest = self.request(name, values)
        return await self.client.request(method, path, **rest, **more)

    async def ask(self, name: str, step: dict[str, Any], seen: Observed, **values: Any) -> Any:
        """One request about a step's job; what the answer says, None where it is a refusal."""
        job = self.jobs.get(step["job"], str(uuid.uuid4()))
        seen.answered = False
        answer = await self.send(name, {"job": job, **values}, timeout=step["within_s"])
        seen.answered, seen.status = True, self.status_in(answer)
        return said(answer) if 200 <= seen.status < 300 else None

    def status_in(self, answer: httpx.Response) -> int:
        """The answer's status, or that of a refusal in its body."""
        paths, body = self.mapping["paths"], said(answer)
        at, unless = (paths.get(f"refused.{name}") for name in ("at", "unless"))
        denied = bool(at and (found := find(body, at)) is not MISSING and found)
        if not answer.is_success or not (denied or (unless and find(body, unless) is False)):
            return answer.status_code
        code = find(body, paths["refused.status"]) if "refused.status" in paths else None
        told = isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600
        return int(str(code)) if told else 400

    def found(self, body: Any, entry: str) -> Any:
        """What is at the place that the mapping names."""
        path = self.mapping["paths"].get(entry)
        return MISSING if path is None else find(body, path)

    async def play(self, step: dict[str, Any]) -> Seen:
        """One step."""
        seen = Observed()
        if step.get("tidy"):
            return seen
        return await timed(step, seen, getattr(self, step["kind"])(step, seen))

    async def submit(self, step: dict[str, Any], seen: Observed) -> None:
        """Submit the job; without a name it is one that was refused, or of an unknown kind."""
        probe = (
            CASE["probes"].get(step["job"]) or step.get("probe") or {"ticks": 1, "interval_s": 0}
        )
        key = uuid.uuid4().hex
        if probe.get("unique"):
            probe = {**probe, "unique": f"{probe['unique']}-{self.run}"}
        reporting = f"{self.witness.url}/{key}" if probe.get("witnessed") else None
        chosen = str(uuid.uuid4())
        values = braces_of(probe, key=key, reporting=reporting, chosen_id=chosen)
        if step.get("unknown"):
            values["body"] = self.mapping["unknown"]
        answer = await self.send("submit", values, timeout=step["within_s"])
        seen.answered, seen.status = True, self.status_in(answer)
        if 200 <= seen.status < 300 and step["job"]:
            self.jobs[step["job"]] = job = self.id_in(answer, chosen)
            self.keys[step["job"]].append(key)
            named = {each: find(said(answer), path) for each, path in self.mapping["also"].items()}
            self.also[job] = self.also[""] = named

    def id_in(self, answer: httpx.Response, chosen: str) -> str:
        """The id of a job that was taken."""
        header = self.mapping["id_header"]
        found = answer.headers.get(header) if header else self.found(said(answer), "submit.job_id")
        if not header and "submit.job_id" not in self.mapping["paths"]:
            return chosen  # the client's own
        if found is MISSING or found is None:
            raise LookupError("a submit was accepted, and its answer names no job")
        pattern = self.mapping["id_pattern"]
        match = re.search(pattern, str(found)) if pattern else None
        return match[1] if match else str(found)

    async def poll(self, step: dict[str, Any], seen: Observed) -> None:
        """Poll, or look at the state where no request tells events."""
        look = self.look if "poll" in self.mapping["calls"] else self.state
        await self.again_and_again(step, seen, look)

    async def status(self, step: dict[str, Any], seen: Observed) -> None:
        """Ask for the state."""
        await self.again_and_again(step, seen, self.state)

    async def again_and_again(self, step: dict[str, Any], seen: Observed, look: Look) -> None:
        """Until the end, a tick, or so many times and as long as in the record."""
        recorded = step["recorded"]
        until_s = time.monotonic() + recorded["ended_s"] - recorded["began_s"]
        number = 0
        while True:
            await look(step, seen)
            number += 1
            far = max(seen.ticks, default=-1) >= step.get("until_tick", float("inf"))
            enough = number >= step.get("polls", float("inf")) and time.monotonic() >= until_s
            if seen.endings or far or enough or not 200 <= (seen.status or 0) < 300:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, step: dict[str, Any], seen: Observed) -> None:
        """One poll from where the last one left off."""
        job = step["job"]
        body = await self.ask("poll", step, seen, after=self.positions.get(job))
        position, rows = self.found(body, "poll.position"), self.found(body, "poll.events")
        if position is not MISSING and position is not None:
            self.positions[job] = str(position)
        rows = rows if isinstance(rows, list) else []
        if self.mapping["whole"]:
            rows, self.told[job] = rows[self.told[job] :], max(self.told[job], len(rows))
        for row in rows:
            seen.hear(self.mapping, row)
        if not rows and (state := self.found(body, "poll.state")) is not MISSING:
            seen.endings += ENDS.get(meaning_of(self.mapping, state), [])
        elif not rows and body is not None and not self.tells_ends():
            await self.state(step, seen)

    def tells_ends(self) -> bool:
        """Whether events tell the end, or nothing else could."""
        words = self.mapping["words"]
        ends = any(words.get(f"event.{name}") for name in ("completed", "failed", "end"))
        return ends or "status" not in self.mapping["calls"]

    async def state(self, step: dict[str, Any], seen: Observed) -> None:
        """One look at the state."""
        body = await self.ask("status", step, seen)
        seen.endings += ENDS.get(meaning_of(self.mapping, self.found(body, "status.state")), [])

    async def result(self, step: dict[str, Any], seen: Observed) -> None:
        """What the job has computed."""
        own = "result" in self.mapping["calls"]
        body = await self.ask("result" if own else "status", step, seen)
        found = self.found(body, "result.value" if own else "status.result")
        seen.result = str(None if found is MISSING else found)[:RESULT_KEPT]

    async def stream(self, step: dict[str, Any], seen: Observed) -> None:
        """Read the job's stream to its end."""
        job = self.jobs.get(step["job"], str(uuid.uuid4()))
        method, path, rest = self.request("stream", {"job": job})
        async with self.client.stream(method, path, timeout=step["within_s"], **rest) as answer:
            seen.answered, seen.status = True, answer.status_code
            async for body in bodies_in(answer, self.mapping["stream_format"]):
                seen.hear(self.mapping, body)
            seen.closed = True
        if not seen.endings and not self.tells_ends():
            await self.state(step, seen)

    async def cancel(self, step: dict[str, Any], seen: Observed) -> None:
        """Cancel the job."""
        self.cancelled.add(step["job"])
        body = await self.ask("cancel", step, seen)
        claim, told = self.found(body, "cancel.success"), "cancel.success" in self.mapping["paths"]
        seen.claims_success = 200 <= (seen.status or 0) < 300 and (claim is True or not told)
        if seen.claims_success:
            effect_s = step.get("effect_s", 0.0)
            self.claimed.setdefault(step["job"], time.monotonic() + effect_s)

    async def work(self, step: dict[str, Any], seen: Observed) -> None:
        """Watch the job's work until it is done, or until nothing happens any more."""
        job, probe = step["job"], CASE["probes"][step["job"]]
        began_s, claimed_s = time.monotonic(), self.claimed.get(job)
        due_s = at_most_s(probe) + crowd_s(job, CASE["probes"])
        while time.monotonic() < began_s + LONGEST_WATCH_S:
            done = [pair for key in self.keys[job] for pair in self.witness.done[key]]
            twice = len(done) > len({tick for tick, _ in done}) * runs_at_most(probe)
            goes_on = claimed_s is not None and any(at_s > claimed_s for _, at_s in done)
            # What is done, or cancelled, may be begun once more: that takes a while to be seen.
            over = claimed_s is not None or len(done) >= len(expected_ticks(probe))
            quiet_s = time.monotonic() - max(began_s, self.witness.last_s)
            if job in self.cancelled and claimed_s is None:
                break  # nobody can say what it should do
            if twice or goes_on or quiet_s > (QUIET_S if over else max(QUIET_S, due_s)):
                break
            await asyncio.sleep(LOOK_EVERY_S)
        seen.answered = True
        seen.witnessed, seen.key = bool(probe.get("witnessed")), next(iter(self.keys[job]), "")
        seen.ticks, seen.times = [t for t, _ in done], [at_s for _, at_s in done]

    async def by_hand(self, step: dict[str, Any], seen: Observed) -> None:
        """A fault."""
        await ask_for(step, seen)

    async def heard_nothing(self) -> bool:
        """Whether a job is told as completed though no job told the witness anything."""
        if any(self.witness.done.values()):
            return False
        wanted = [job for job, probe in CASE["probes"].items() if probe.get("witnessed")]
        for job in wanted if "status" in self.mapping["calls"] else ():
            step, seen = {"job": job, "within_s": 10.0}, Observed()
            await self.state(step, seen)
            if seen.endings == ENDS["completed"]:
                return True
        return bool(wanted) and "status" not in self.mapping["calls"]

    async def tidy(self) -> None:
        """Cancel what may still run."""
        for job in self.jobs if "cancel" in self.mapping["calls"] else ():
            with contextlib.suppress(httpx.HTTPError):
                await self.send("cancel", {"job": self.jobs[job]})


async def main(url: str) -> int:
    """Play the record once; see the exit codes above."""
    announce(CASE)
    alone = httpx.Limits(max_keepalive_connections=0)
    witness = TickServer()
    async with client_of(url, limits=alone) as client, await witness.start():
        queue = Queue(client, witness)
        await queue.log_in()
        try:
            seen = [vars(each) for each in await play_all(CASE["steps"], queue.play)]
            deaf = await queue.heard_nothing()
        finally:
            await queue.tidy()
    for step, now in zip(CASE["steps"], seen, strict=True):
        if not step.get("tidy"):
            tell(step, now)
    if deaf:
        print(
            "jobs are done and tell no witness: export TARGET_WITNESS=host:port, as they reach it"
        )
        return CANNOT_TELL
    return conclude(CASE["symptoms"], symptoms(CASE["steps"], seen, CASE["probes"]))


def run(arguments: list[str]) -> int:
    """See `run_with`."""
    return run_with(main, arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
