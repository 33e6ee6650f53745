"""Broken variants of the reference, one file each, chosen by ``REFERENCE_VARIANT=<module>``.

Each breaks one thing, as a real system once did, and names in ``FAILS`` the requirements that
must be seen to fail. How to write one: ``docs/writing-a-variant.md``.
"""
