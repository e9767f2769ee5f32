"""Panels of units around one event: cohorts fixed before it, changes of sums, and what stands beside them."""
