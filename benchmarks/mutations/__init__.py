"""What the gates miss: an archive's files changed one way at a time, and what noticed.

``changes`` are the ways, ``catalogue`` is the list of mutations by source, ``trial`` puts one
through load, gates and dbt, and ``python -m benchmarks.mutations`` prints the table. Not here: the
checks that are tried (``expectations``).
"""
