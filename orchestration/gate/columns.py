"""What the gate's two tables and their columns mean (contract, section 1). Not here: how they are written."""

NEWEST = "Every check of the newest state of every table, dbt's tests included."
ALL_RUNS = "Every check of every run, dbt's tests included."
COLUMNS = {
    "gate": ("string", "raw (what was loaded) or marts."),
    "tool": ("string", "gx (Great Expectations) or dbt."),
    "table": ("string", "The table that was checked."),
    "check": ("string", "Name of the check, as `chokepoint accept` takes it."),
    "severity": ("string", "error, which blocks, or warning, which shows."),
    "success": ("bool", "Whether the table passed."),
    "observed": ("string", "What was found."),
    "expected": ("string", "What was expected."),
    "failing_rows": ("int64", "Number of rows that failed."),
    "rows": ("int64", "Number of rows that were read."),
    "table_sha256": ("string", "Hash of the bytes that were checked; null where they are no one file's."),
    "beyond": (
        "double",
        "How far the worst value lies outside its bounds, in its unit.",
    ),
    "error": ("string", "Why the check itself could not run; null where it ran."),
}
RUN = {
    "run_id": ("string", "The run that checked."),
    "started_at": ("time", "When it began, UTC."),
}
