"""Variants of the references: ``<contract>/<kind>/…/<name>.py``, chosen by ``REFERENCE_VARIANT``.

``faulty``      breaks one promise, in the folder of an area that it fails
``harmless``    differs where the contract is silent and keeps every promise: all must pass
``mechanical``  one kind of answer is exchanged for one that nobody can want; ``VARIANT_ALTERS``
                says which and what for, as in ``poll 500`` (``reference_impl.common.altered``). No
                case that looks at such an answer may pass. ``langflow_flaky`` loses an event for a
                share of the readers only.

A name occurs once a contract. How to write one: ``docs/writing-a-variant.md``.
"""
