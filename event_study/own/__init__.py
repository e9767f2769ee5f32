"""The event study on anyone's panel: its spec, its columns, its time."""
