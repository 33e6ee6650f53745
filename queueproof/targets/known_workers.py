"""The workers that were met on a target: their letters, where each was met, which are no more."""

from __future__ import annotations

from collections.abc import Collection, Set
from itertools import count
from string import ascii_lowercase

from queueproof.targets.worker import ANY_WORKER, Worker


class KnownWorkers:
    """Gives each worker a letter, in the order in which they were met; none is given twice.

    `complete` says whether all the workers there are have been met.
    """

    def __init__(self) -> None:
        self.complete = False
        self._by_key: dict[str, Worker] = {}
        self._givers: dict[str, Worker] = {}
        self._gone: dict[Worker, str] = {}
        self._places: dict[str, set[str]] = {}
        self._at_first: frozenset[str] = frozenset()
        self._first: tuple[Worker, ...] = ()
        self._most = 0
        self._named = count()

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers met so far, in the order of their letters."""
        return tuple(sorted(self._by_key.values(), key=lambda worker: worker.label))

    @property
    def keys(self) -> Set[str]:
        """The identifier's keys of the workers met so far."""
        return self._by_key.keys()

    @property
    def first_workers(self) -> tuple[Worker, ...]:
        """The workers that were found when it was looked first, whatever became of them since."""
        return self._first or self.workers

    @property
    def found(self) -> int:
        """How many workers were found, whatever became of them since."""
        return self._most

    @property
    def newcomers(self) -> bool:
        """Whether a worker was met that was not there when it was last looked for all."""
        return bool(self._by_key.keys() - self._at_first)

    def meet(self, key: str, url: str) -> None:
        """A connection to this URL leads to the worker with this key."""
        self._places.setdefault(key, set()).add(url)
        if key not in self._by_key:
            self._by_key[key] = Worker(self._next_label(), key)

    def settle(self, expected: int | None) -> None:
        """The search has ended: those that are known now are the workers of the target.

        They are all there are where as many as `expected` were met, or no number was expected.
        """
        self.complete = expected is None or len(self._by_key) >= expected
        self._at_first = frozenset(self._by_key)
        self._first = self._first or self.workers
        self._most = max(self._most, len(self._by_key))

    def tell_none_apart(self) -> None:
        """One unknown worker stands for all; those that were met before have not gone away."""
        self._first = ()
        self._by_key[ANY_WORKER.key] = ANY_WORKER

    def retire(self, worker: Worker, because: str = "") -> None:
        """A worker that is no more: its letter is not reused."""
        self.complete = False
        self._by_key.pop(worker.key, None)
        if because:
            self._gone[worker] = because

    def forget(self) -> None:
        """None is known any more, as after a restart of the target; letters go on."""
        self.complete = False
        self._by_key.clear()

    def begin_anew(self) -> None:
        """None was ever met: letters begin with the first again."""
        self.forget()
        self._givers.clear()
        self._gone.clear()
        self._places.clear()
        self._named = count()
        self._most = 0
        self._first = ()

    def why_gone(self, worker: Worker) -> str | None:
        """Why this worker is no more, where it was said; else None."""
        return self._gone.get(worker)

    def behind(self, key: str | None) -> Worker:
        """The worker with this key, or the unknown one."""
        return self._by_key.get(key or "", ANY_WORKER)

    def giver(self, key: str | None) -> Worker:
        """The worker that an answer named by this key, met by a connection or not."""
        if key is None:
            return ANY_WORKER
        if key not in self._by_key and key not in self._givers:
            self._givers[key] = Worker(self._next_label(), key)
        return self._by_key.get(key) or self._givers[key]

    def urls_of(self, worker: Worker) -> frozenset[str]:
        """The URLs at which this worker was met; nothing where workers are not told apart."""
        return frozenset(self._places.get(worker.key, ()))

    def one_at_each(self, urls: Collection[str]) -> bool:
        """Whether each of these URLs has led to one worker, and each worker stood behind one."""
        places = [self._places.get(key, set()) for key in self._by_key]
        alone = all(len(met) == 1 for met in places)
        return alone and len(set().union(*places)) == len(self._by_key) == len(urls)

    def _next_label(self) -> str:
        turn, letter = divmod(next(self._named), 26)
        return ascii_lowercase[letter] + (str(turn) if turn else "")
