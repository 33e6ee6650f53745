"""Harmless variants of the reference, one file each, chosen by ``REFERENCE_VARIANT=<module>``.

They differ where the contract is silent and keep every promise. A suite that accuses one of them
demands more than was promised. How to write one: ``docs/writing-a-variant.md``.
"""
