"""One generating process: arrivals at their instants, whatever has become of the ones before.

Every arrival gets a greenlet of its own at the instant that the schedule computed beforehand. How
late that was, and how long the process's own loop stood still in between, is measured with the
rest: figures of a generator that fell behind say nothing about the target.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pkgutil import resolve_name

import gevent
from gevent import GreenletExit
from gevent.pool import Group

from load.client import LoadClient
from load.errands import Errands, Told
from load.recorder import Recorder, Sink
from queueproof.load.run_spec import RunSpec
from queueproof.load.schedule import arrivals, share
from queueproof.targets.contracts import contract_named

_HAND_OVER_EVERY_S = 1.0
_TICK_S = 0.01
_BEGIN_IN_S = 0.3
_SOON_S = 0.0005


def client_for(spec: RunSpec, now_s: Callable[[], float]) -> LoadClient:
    """The client that the spec's contract names, made in this process."""
    load = contract_named(spec.contract).load
    assert load is not None, "no profile can be played on this contract"
    client: LoadClient = resolve_name(load.client)(spec, now_s)
    return client


class Second:
    """How many requests the second before this moment held."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._before = 0
        self._rate = 0.0

    def rate(self, now_s: float, requests: int) -> float:
        """The rate of the last whole second, at `now_s` with so many requests in all."""
        passed_s = now_s - self._began_s
        if passed_s >= 1.0:
            self._rate = (requests - self._before) / passed_s
            self._began_s, self._before = now_s, requests
        return self._rate


class Generator:
    """Plays one process's share of a spec; `index` of `spec.processes`."""

    def __init__(self, spec: RunSpec, *, index: int, sink: Sink, told: Told) -> None:
        self._spec = spec
        self._index = index
        self._epoch_s = time.monotonic() + _BEGIN_IN_S
        self._recorder = Recorder(index, self.now_s, spec.window_s, sink)
        self._client = client_for(spec, self.now_s)
        self._errands = Errands(spec, self._client, self._recorder, told)
        self._under_way = Group()
        self._second = Second()
        self._stopped = ""
        self._trouble = ""

    def now_s(self) -> float:
        """Seconds since the schedule's beginning."""
        return time.monotonic() - self._epoch_s

    def stop(self, why: str) -> None:
        """No arrival any more; what is under way comes to its end."""
        self._stopped = self._stopped or why

    def play(self) -> None:
        """The whole schedule, then the end of every job; the sink has everything after it."""
        cpu_s, ended_s = time.process_time(), 0.0
        helpers = [gevent.spawn(self._watch_lag), gevent.spawn(self._hand_over)]
        try:
            if self._spec.clients:
                self._keep_busy()
            else:
                self._dispatch()
            ended_s = self.now_s()
            self._drain()
        except GreenletExit:
            # Locust was told to stop, in its web UI or by a signal: what is under way is lost.
            self.stop("stopped from outside")
            raise
        finally:
            gevent.killall(helpers)
            self._client.close()
            self._recorder.close(
                stopped=self._stopped,
                trouble=self._trouble,
                began_at=round(time.time() - self.now_s(), 3),
                lasted_s=round(self.now_s(), 3),
                cpu_s=round(time.process_time() - cpu_s, 3),
                arrivals_ended_s=round(ended_s, 3),
            )

    def _dispatch(self) -> None:
        spec = self._spec
        every = arrivals(
            spec.stretches,
            [errand.weight for errand in spec.errands],
            spacing=spec.spacing,
            seed=spec.seed,
        )
        for arrival in share(every, index=self._index, of=spec.processes):
            early_s = arrival.at_s - self.now_s()
            gevent.sleep(early_s if early_s > _SOON_S else 0)
            if self._stopped or self._must_stop():
                return
            self._recorder.count("offered")
            self._recorder.measure("lag", max(0.0, self.now_s() - arrival.at_s))
            self._under_way.spawn(self._one, arrival.errand, arrival.at_s)

    def _keep_busy(self) -> None:
        """So many clients, each with one errand after another."""
        gevent.sleep(max(0.0, -self.now_s()))
        clients = range(self._index, self._spec.clients, self._spec.processes)
        gevent.joinall([gevent.spawn(self._busy_client, number) for number in clients])

    def _busy_client(self, number: int) -> None:
        errands = self._spec.errands
        turn = number
        while not self._stopped and self.now_s() < self._spec.lasts_s:
            self._recorder.count("offered")
            self._one(turn % len(errands), self.now_s())
            turn += 1

    def _one(self, which: int, due_s: float) -> None:
        try:
            self._errands.play(which, due_s)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is ours)
            self._trouble = self._trouble or f"{type(error).__name__}: {error}"
            self.stop("the generator failed")

    def _must_stop(self) -> bool:
        """Whether a limit is reached; limits of the whole run are shared out evenly."""
        limits, recorder, of = self._spec.limits, self._recorder, self._spec.processes
        if len(self._under_way) >= limits.in_flight / of:
            self.stop(f"{limits.in_flight} jobs under way, and no more are allowed")
        elif self._second.rate(self.now_s(), recorder.requests) > limits.requests_per_s / of:
            self.stop(f"more than {limits.requests_per_s:g} requests a second")
        elif recorder.requests >= limits.errors_after / of:
            ratio = recorder.failed / recorder.requests
            if ratio > limits.error_ratio:
                self.stop(f"{ratio:.0%} of the requests failed")
        return bool(self._stopped)

    def _drain(self) -> None:
        longest_s = max(self._spec.lasts_at_most_s(errand) for errand in self._spec.errands)
        self._under_way.join(timeout=longest_s)
        if self._under_way:
            left = len(self._under_way)
            self._trouble = self._trouble or f"{left} errands did not come to their end"

    def _watch_lag(self) -> None:
        """How long this process's loop stands still, looked at a hundred times a second."""
        while True:
            due_s = self.now_s() + _TICK_S
            gevent.sleep(_TICK_S)
            self._recorder.measure("lag", max(0.0, self.now_s() - due_s))

    def _hand_over(self) -> None:
        """Every window's end, and with it what it cost to make it."""
        used_s = time.process_time()
        while True:
            gevent.sleep(_HAND_OVER_EVERY_S - self.now_s() % _HAND_OVER_EVERY_S)
            before_s, used_s = used_s, time.process_time()
            self._recorder.count(f"cpu_ms_of_{self._index}", round(1000 * (used_s - before_s)))
            self._recorder.top("in_flight", len(self._under_way))
            self._must_stop()
            self._recorder.hand_over()
