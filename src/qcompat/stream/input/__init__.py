"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

`cursor` and the readers above it give the bytes a meaning.
"""
