"""Read one source alone and say what is in it: ``python -m dlt_sources SOURCE ARCHIVE``."""

import sys
from pathlib import Path

from dlt_sources import SOURCES
from dlt_sources.tables import load

name, archive = sys.argv[1:]
for table, content in load(next(s for s in SOURCES if s.name == name), Path(archive)).items():
    print(f"{table:24} {content.num_rows:>9} rows")
