"""Variants of the flowise reference that differ and keep every promise: all must pass."""
