"""Taking apart the values that a stream describes as one piece, one file a kind.

Each decoder adds the parts of its value to a `Pieces` and returns what the whole means; what it
cannot know it says by raising StreamError, and the value stays opaque (`stream.fields`). All are
total and bounded by the bytes they are given. Names of registers, flags and features are data in
the .toml files here.
"""
