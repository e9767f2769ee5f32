"""Partial identification: what can be said where some values belong to an unknown unit."""
