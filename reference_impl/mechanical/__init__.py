"""Mechanical variants: one kind of answer is exchanged for one that nobody can want.

``REFERENCE_VARIANT=langflow_answers`` or ``flowise_answers``, and in ``VARIANT_ALTERS`` an
operation and a form, such as ``poll 500`` (``reference_impl.common.altered``). No case that looks
at such an answer may pass. ``langflow_flaky`` loses an event for a share of the readers only.
"""
