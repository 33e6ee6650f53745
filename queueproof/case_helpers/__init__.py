"""Helpers that cases share and nothing else needs; `queueproof.case` offers those for everybody."""
