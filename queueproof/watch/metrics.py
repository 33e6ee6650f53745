"""The watch as metrics, and an endpoint to scrape them.

Names and labels are in docs/watch.md, and the dashboard and the alert rules rely on them.
"""

from __future__ import annotations

from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client import start_http_server as serve

from queueproof.errors import UsageError
from queueproof.watch.looking import Round
from queueproof.watch.standing import Standing


class Metrics:
    """The metrics of one watch; `target` is the label by which several are told apart."""

    def __init__(self, target: str) -> None:
        self.registry = CollectorRegistry()
        self._target = target
        self._good = self._gauge("check_good", "1 where the check's last look was good.", "check")
        self._took = self._gauge("check_seconds", "How long the check took.", "check")
        self._all = self._gauge("good", "1 where every check is green.")
        self._left = self._gauge("budget_left", "Share of the error budget that is left.")
        self._at = self._gauge("last_round_timestamp_seconds", "When the last round ended.")
        labels = ("target",)
        kept = self.registry
        self._rounds = Counter(
            "queueproof_watch_rounds", "Rounds.", ("target", "result"), registry=kept
        )
        self._operations = Counter(
            "queueproof_watch_operations", "Submits, reads and cancels.", labels, registry=kept
        )
        self._jobs = Counter("queueproof_watch_jobs", "Jobs submitted.", labels, registry=kept)

    def take(self, seen: Round, standing: Standing, *, at: float, objective: float) -> None:
        """Show a round and what stands after it."""
        target = self._target
        for gauge in (self._good, self._took):
            gauge.clear()  # a worker that is gone is no label any more
        for name, check in standing.checks.items():
            self._good.labels(target, name).set(float(check.good))
        for each in seen.observations:
            self._took.labels(target, each.check).set(each.took_s)
        self._all.labels(target).set(float(standing.good))
        self._left.labels(target).set(standing.budget_left(objective))
        self._at.labels(target).set(at)
        self._rounds.labels(target, "good" if seen.good else "bad").inc()
        self._operations.labels(target).inc(seen.operations)
        self._jobs.labels(target).inc(seen.jobs)

    def serve(self, host: str, port: int) -> WSGIServer:
        """Answer scrapes there; raises UsageError where the port cannot be had."""
        try:
            server, _ = serve(port, addr=host, registry=self.registry)
        except OSError as error:
            raise UsageError(f"--metrics {host}:{port}: {error.strerror or error}") from None
        return server

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        full = f"queueproof_watch_{name}"
        return Gauge(full, words, ("target", *labels), registry=self.registry)
