"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

`cursor` and the readers above it give the bytes a meaning.
"""

from qcompat.stream.input.open import Input, opened
from qcompat.stream.input.stream_bytes import InMemory, StreamBytes

__all__ = ["InMemory", "Input", "StreamBytes", "opened"]
