"""Loads component source and runs it: source and plain methods in threads, coroutines on the loop.

Source may sleep as it is loaded (a slow cold start) without blocking the worker. A coroutine that
blocks does block the worker, as it does in the real system; the worker timeout is there for that.
"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from types import CodeType
from typing import Any, Generic, TypeVar

from reference_impl import fast
from reference_impl.fast.thread_reuse import Call, Interrupted, idle_thread
from reference_impl.langflow.component_api import Component, install

COMPILED = 64

T = TypeVar("T")


class ComponentError(Exception):
    """The source does not make a component that can be run."""


#: What a component may raise and its job must end with; bare, an exit would end the worker's loop.
FAILURES = (Exception, SystemExit, KeyboardInterrupt)


def load_class(source: str) -> type[Component]:
    """Execute component source and return its component class, or raise :class:`ComponentError`."""
    install()
    namespace: dict[str, Any] = {"__name__": "custom_component"}
    try:
        exec(_compiled(source), namespace)  # noqa: S102 - the service's purpose
    except FAILURES as error:
        raise ComponentError(f"{type(error).__name__}: {error}") from error
    found = [item for item in namespace.values() if _is_own_component(item)]
    if not found:
        raise ComponentError("no class derived from Component in the source")
    chosen: type[Component] = found[-1]
    return chosen


@lru_cache(maxsize=COMPILED)
def _compiled(source: str) -> CodeType:
    """Jobs of the same flow carry the same source; what it does is done anew for each."""
    return compile(source, "<string>", "exec")


def _is_own_component(item: object) -> bool:
    return (
        isinstance(item, type)
        and issubclass(item, Component)
        and item.__module__ == "custom_component"
    )


async def call_method(component: Component, method_name: str) -> Any:
    """Run the method an output names, and return what it returns."""
    method = getattr(component, method_name, None)
    if not callable(method):
        raise ComponentError(f"the component has no method {method_name!r}")
    if inspect.iscoroutinefunction(method):
        return await method()
    return await in_thread(method)


async def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread nobody else uses; when the awaiting task is cancelled, interrupt it.

    A pool with a limit would make a hundred slow cold starts wait for each other, and a thread
    that sleeps must not keep the process from ending.
    """
    call = _ThreadCall(work)
    try:
        return await call.result
    except asyncio.CancelledError:
        call.interrupt()
        raise


class _ThreadCall(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._running = True
        self.interrupted = False
        self.result: asyncio.Future[T] = self._loop.create_future()
        self._thread = idle_thread() if fast.enabled() else _CallThread()
        self._thread.take(self)

    def interrupt(self) -> None:
        """Raise :class:`Interrupted` in the thread at its next instruction, if it still runs."""
        with self._lock:
            if self._running and self._thread.ident is not None:
                self.interrupted = True
                ident = ctypes.c_ulong(self._thread.ident)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(Interrupted))

    def run(self) -> None:
        """Do the work, and tell the loop; in the thread."""
        self._settle(self._outcome())

    def _outcome(self) -> Callable[[], None]:
        try:
            value = self._work()
        except Exception as error:
            failure = error
            return lambda: self._fail(failure)
        except (SystemExit, KeyboardInterrupt) as error:
            # A future takes no exit; the job must hear of it all the same.
            leaving = ComponentError(f"{type(error).__name__}: {error}")
            return lambda: self._fail(leaving)
        finally:
            with self._lock:
                self._running = False
        return lambda: self._succeed(value)

    def _settle(self, outcome: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(outcome)
        except RuntimeError:  # the loop is closed: the worker is gone, nobody waits
            return

    def _succeed(self, value: T) -> None:
        if not self.result.done():
            self.result.set_result(value)

    def _fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class _CallThread(threading.Thread):
    """A thread for one call."""

    def __init__(self) -> None:
        super().__init__(name="component", daemon=True)
        self._call: Call | None = None

    def take(self, call: Call) -> None:
        """Do this call now."""
        self._call = call
        self.start()

    def run(self) -> None:
        """What the thread does; an interrupt may come when the call is over."""
        assert self._call is not None
        with suppress(Interrupted):
            self._call.run()
