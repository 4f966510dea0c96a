"""The configuration record: machine type, page bits, migration capabilities, uuid.

The format is vmstate_configuration in migration/savevm.c; the subsection uuid came with 4.2,
capabilities with 4.0. The stream describes this record itself only since 8.2, so the known
subsections are read by name and a description serves for later ones.
"""

from __future__ import annotations

import uuid

from qcompat.stream.cursor import Cursor
from qcompat.stream.layout import skip_described
from qcompat.stream.model import Configuration, SectionDescription
from qcompat.stream.record import Record

_PREFIX = b"configuration/"


def read_configuration(cursor: Cursor, description: SectionDescription | None) -> Configuration:
    """Read the record under `cursor`, which stands behind its type byte. Raises StreamError."""
    raw = cursor.take(cursor.u32("the length of the machine type"), "the machine type")
    if not raw.isascii():
        raise cursor.error(f"the machine type is {raw[:40]!r}, which is no name")
    known: dict[str, object] = {}
    while _at_subsection(cursor):
        cursor.skip(1)
        name = cursor.name("the name of a subsection")
        with cursor.within(name):
            cursor.skip(4, "a version")
            known |= _subsection(cursor, name, description)
    return Configuration(raw.decode("ascii"), **known)  # type: ignore[arg-type]


def _at_subsection(cursor: Cursor) -> bool:
    ahead = cursor.peek(2 + len(_PREFIX))
    return ahead[:1] == Record.SUBSECTION.mark and ahead[2:] == _PREFIX


def _subsection(
    cursor: Cursor, name: str, description: SectionDescription | None
) -> dict[str, object]:
    match name.removeprefix("configuration/"):
        case "target-page-bits":
            return {"page_bits": cursor.u32()}
        case "capabilities":
            return {"capabilities": _capabilities(cursor)}
        case "uuid":
            return {"uuid": str(uuid.UUID(bytes=cursor.take(16, "the uuid")))}
    subsections = description.subsections if description else ()
    for subsection in subsections:
        if subsection.vmsd_name == name:
            skip_described(cursor, subsection)
            return {}
    raise cursor.error("an unknown part of the configuration, and nothing says how long it is")


def _capabilities(cursor: Cursor) -> tuple[str, ...]:
    count = cursor.u32("the number of capabilities")
    if count > cursor.left:
        raise cursor.error(f"{count} capabilities cannot fit into {cursor.left} bytes")
    return tuple(cursor.name("a capability") for _ in range(count))
