"""One message that is no JSON ends the dispatcher's task, where it listens by a pattern.

What listens has no name that could be asked for; it is found by what a cancel is told on.
"""

from __future__ import annotations

from reference_impl.common.pattern_subscription import PatternSubscription
from reference_impl.langflow.assembly import Assembly
from reference_impl.variants.langflow.faulty.cancel.garbage_ends_the_dispatcher import (
    BrittleDispatcher,
)

FAILS = frozenset({"CANC-021"})
PLAYS = ("CANC-001",)


class VariantAssembly(Assembly):
    """Hears through it."""

    dispatcher_class = BrittleDispatcher
    subscription_class = PatternSubscription
