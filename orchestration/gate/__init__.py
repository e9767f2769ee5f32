"""The gate over a home: which checks run over which files, and the files their results end in."""
