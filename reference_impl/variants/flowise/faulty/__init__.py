"""Broken variants of the flowise reference, one file each: ``REFERENCE_VARIANT=<module>``.

Each breaks one thing, several of them as the real system does, and names in ``FAILS`` the
requirements that must be seen to fail, in ``PLAYS`` others that must not.
"""
