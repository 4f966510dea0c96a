"""Where a stream's bytes come from: memory, a file, or a pipe or socket.

What the bytes mean is the business of `cursor` and of the readers above it.
"""

from qcompat.stream.input.open import Input, opened
from qcompat.stream.input.stream_bytes import InMemory, StreamBytes

__all__ = ["InMemory", "Input", "StreamBytes", "opened"]
