"""The migration stream: bytes to sections, fields, RAM blocks, description."""

from qcompat.stream.layout import Leaf, leaves, value
from qcompat.stream.reader import read

__all__ = ["Leaf", "leaves", "read", "value"]
