"""One module a source, named as it; each says where its publisher keeps what, and holds a ``SERVICE``."""
