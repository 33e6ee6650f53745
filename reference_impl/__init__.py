"""The reference system: a program of its own that keeps every promise of its contract.

It is started and spoken to like any other target (``python -m reference_impl langflow``) and
imports nothing from the rest of the repository. ``core`` decides, ``store`` keeps, ``langflow``
serves.
"""
