"""The migration stream: bytes to sections, fields, RAM blocks, description.

`read` gives a whole stream as a value, `reading` its records one by one while they are read,
`fields` what a section holds with decoded values.
"""

from qcompat.stream.fields import Field, fields
from qcompat.stream.layout import Leaf, leaves, value
from qcompat.stream.reader.reader import Reader, reading
from qcompat.stream.reader.whole import read

__all__ = ["Field", "Leaf", "Reader", "fields", "leaves", "read", "reading", "value"]
