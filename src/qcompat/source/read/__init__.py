"""Reading one file of QEMU's source into facts."""

from __future__ import annotations

import re

from qcompat.source.facts import FileFacts, Lost
from qcompat.source.read.comments import read_intended
from qcompat.source.read.defines import read_defines, read_enums, read_macros
from qcompat.source.read.functions import read_functions, read_tests
from qcompat.source.read.properties import read_arrays
from qcompat.source.read.tables import read_machines, read_tables
from qcompat.source.read.types import read_literals, read_mentions, read_types
from qcompat.source.read.vmstate import read_descriptions
from qcompat.source.read.writes import read_writes
from qcompat.source.syntax import outline

LARGEST = 4_000_000
"""Bytes of the largest file that is read; QEMU's largest with facts has 0.4 million."""
_LONGEST_LINE = 200_000
_DEEPEST = 400

_WANTED = (
    "Property", "VMStateDescription", "TypeInfo", "set_props", "OBJECT_DEFINE_", "compat_props_add",
    "MACHINE", "property_add", "pci_set_", "pci_config_set", "_add_capability", "_options(",
)  # fmt: skip


def read_file(content: bytes) -> FileFacts:
    """The facts of a file. Total: what cannot be read is in `lost`."""
    if why := _unreadable(content):
        return FileFacts(lost=(Lost(1, "the file", why),))
    # one character a byte, so that offsets of the parser are offsets of the text
    text = content.decode("latin-1")
    defines = read_defines(text)
    enums = dict(read_enums(text)) if "enum " in text else {}
    macros = read_macros(text)
    if not any(word in text for word in _WANTED):
        return FileFacts(defines={**enums, **defines}, macros=macros, literals=read_literals(text))
    if _depth(content) > _DEEPEST:
        return FileFacts(lost=(Lost(1, "the file", "nested too deeply"),))
    found = outline(text)
    types, lost = read_types(text, found)
    descriptions = read_descriptions(found)
    return FileFacts(
        defines={**enums, **defines},
        macros=macros,
        arrays=read_arrays(found),
        types=types,
        functions=read_functions(found),
        tables=read_tables(found),
        machines=read_machines(text),
        descriptions=descriptions,
        tests=read_tests(found, descriptions),
        writes=read_writes(found),
        mentions=read_mentions(text),
        literals=read_literals(text),
        intended=read_intended(text),
        lost=lost,
        bodies=tuple(each.name for each in found.functions) if "pci" in text else (),
    )


def _unreadable(content: bytes) -> str:
    """Why a file is not read: the work on it would have no bound."""
    if len(content) > LARGEST:
        return "too large"
    if b"\0" in content:
        return "binary"
    if len(content) > _LONGEST_LINE and max(map(len, content.split(b"\n"))) > _LONGEST_LINE:
        return "a line is too long"
    return ""


def _depth(content: bytes) -> int:
    """How deep brackets nest, strings and comments not told apart; only the order counts."""
    if content.count(b"(") + content.count(b"{") + content.count(b"[") < _DEEPEST:
        return 0
    depth = deepest = 0
    for match in re.finditer(rb"[({\[]+|[)}\]]+", content):
        step = len(match[0])
        depth = depth + step if match[0][0] in b"({[" else max(0, depth - step)
        deepest = max(deepest, depth)
    return deepest
