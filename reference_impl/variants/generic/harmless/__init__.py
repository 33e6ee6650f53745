"""Variants of the generic reference that differ and keep every promise."""
