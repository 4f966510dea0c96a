"""Taking apart the values that a stream describes as one piece, one file per kind.

Each decoder adds the parts of its value to a `Pieces` and returns what the whole means. It raises
StreamError for what it does not know; then the value stays opaque (`stream.fields`). All are
total, and bounded by the bytes they get. Names of registers, flags and features are data in
the .toml files here.
"""
