"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

What the bytes mean is the business of `cursor` and of the readers above it.
"""

from qcompat.stream.input.memory import InMemory
from qcompat.stream.input.opening import Source, opened
from qcompat.stream.input.stream_bytes import StreamBytes

__all__ = ["InMemory", "Source", "StreamBytes", "opened"]
