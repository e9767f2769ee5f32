"""The gates: what must hold for raw tables and marts before anything is estimated from them.

One module a gate (``raw``, ``marts``) builds its checks as plain data; ``validation`` runs them with
Great Expectations and returns results; ``worker`` runs them in a process that imports it early.
A rule lives once: keys, types, relations and accepted values are dbt's; counts, ranges,
continuity, shares, coverage and outliers are here (contract, section 6). Knows nothing of Dagster
or where files lie. Importing this room costs nothing: Great Expectations and pandas are imported
when checks run.
"""

from __future__ import annotations

from expectations.checks import Check, Result

__all__ = ["Check", "Result"]
