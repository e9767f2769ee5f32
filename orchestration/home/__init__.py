"""A home on disk: its lock, the record of what was made from what, its archive."""
