"""What holds for every field: it lies where it says, and its parts cover it."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.stream.decode.field import Field

WHOLE = ("pci config", "pci irq state", "msix state", "virtio")


def every(field: Field) -> Iterator[Field]:
    """The field and all parts below it."""
    yield field
    for part in field.parts:
        yield from every(part)


def assert_covered(field: Field) -> None:
    """The parts follow one another from the field's first byte to its last."""
    if not field.parts:
        return
    at = field.offset
    for part in field.parts:
        assert part.offset == at, (field.path, part.path)
        at += part.size * part.count
        assert_covered(part)
    assert at == field.offset + field.size * field.count, field.path


def part(field: Field, path: str) -> Field:
    """The part of that path."""
    return next(each for each in every(field) if each.path == path)
