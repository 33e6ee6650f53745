"""Workers listen to cancels by a pattern, not by a channel's name."""

from __future__ import annotations

from reference_impl.common.pattern_subscription import PatternSubscription
from reference_impl.langflow.assembly import Assembly

PLAYS = ("CANC-001..004", "CANC-018..021", "CANC-023", "MONI-014..016")


class VariantAssembly(Assembly):
    """Listens so."""

    subscription_class = PatternSubscription
