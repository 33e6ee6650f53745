"""Broken variants of the generic reference, one file each: ``REFERENCE_VARIANT=<module>``.

Each breaks one promise and names in ``FAILS`` the requirements that must be seen to fail, in
``PLAYS`` others that must not, and in ``SCENARIOS`` what must fail in which outage.
"""
