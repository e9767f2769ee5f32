"""Event studies with one treated unit: designs, estimators, inference, on anyone's panel.

Pure functions of DataFrames, column names and specs. Knows nothing of orchestration, of where files
lie, or of which countries they are about (that is ``specs/*.yml``).
"""
