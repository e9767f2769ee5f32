"""Switches that must be set before dagster, dbt, dlt or Great Expectations are imported.

Nothing here phones home: usage events of all four are off unless a user turns them on by the
same variables. Linear algebra runs on one thread, so that fits are the same everywhere.
Import this module first; it has no other effect.
"""

from __future__ import annotations

import os

OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "RUNTIME__INTERCEPT_SIGNALS": "false",  # it would drain its jobs first, and say so
    "LOAD__DELETE_COMPLETED_JOBS": "true",  # the lake holds them already
    "RESTORE_FROM_DESTINATION": "false",  # stage keys are the only memory, dlt needs none
    "PYTHONWARNINGS": "ignore:resource_tracker",  # it clears what an ended run leaves, and need not say so
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

for _name, _value in OFF.items():
    os.environ.setdefault(_name, _value)
