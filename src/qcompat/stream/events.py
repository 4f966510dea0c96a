"""What a reader finds in a stream, one after the other: the parts of its records.

`Reader.events` yields these lazily and in order; together they cover every byte, so that
`writer.rewriting` can put the stream together again. Offsets are places in the file. What is folded
from them is in `model` (a Stream), `memory.tally` and `verify`.
"""

from __future__ import annotations

import msgspec

from qcompat.stream.model import Configuration, RamBlock, SectionDescription
from qcompat.stream.record import Record


class Event(msgspec.Struct, frozen=True):
    """A part of a stream that begins at `offset`."""

    offset: int


class Header(Event, frozen=True):
    """Magic number and version of the format."""

    version: int


class ConfigurationRead(Event, frozen=True):
    """The configuration record."""

    configuration: Configuration


class SectionBegins(Event, frozen=True):
    """The header of a section: of one with a name (START, FULL), or of a further part of it.

    `version_id` and `instance_id` of a further part (PART, END) are those it began with.
    """

    kind: Record
    section_id: int
    idstr: str
    instance_id: int
    version_id: int

    @property
    def name(self) -> str:
        """`cpu[0]`."""
        return f"{self.idstr}[{self.instance_id}]"


class BlockListBegins(Event, frozen=True):
    """The list of RAM blocks; `total` is the sum of their lengths in bytes."""

    total: int


class BlockAnnounced(Event, frozen=True):
    """One block of that list."""

    block: RamBlock


class MappedPages(Event, frozen=True):
    """Bitmap and pages of a block in a mapped-ram file: `size` bytes behind its header."""

    size: int
    block: RamBlock


class PageRun(Event, frozen=True):
    """Consecutive page records of one form, each of `stride` bytes.

    `flags` are those of ram.c; `name` is the block's; it is on the wire only without CONTINUE,
    and then `count` is 1. `page_size` is the guest's.
    """

    block: str
    flags: int
    count: int
    stride: int
    page_size: int


class RamMark(Event, frozen=True):
    """A record of the ram section without a page: the end mark, a flush or a hook.

    QEMU writes no `address` there, and does not look at one.
    """

    flags: int
    address: int = 0


class LiveState(Event, frozen=True):
    """What a live section other than `ram` wrote, `size` bytes; `what` describes it."""

    size: int
    what: str


class DeviceState(Event, frozen=True):
    """The payload of device section `section`, `size` bytes; None where no description fits it.

    `has_null_array` says that there was one, with an array of pointers that QEMU before 10.0
    described as if all of them were null.
    """

    section: SectionBegins
    size: int
    description: SectionDescription | None
    has_null_array: bool = False


class SectionEnds(Event, frozen=True):
    """A section footer."""

    section_id: int


class Skipped(Event, frozen=True):
    """Records of guest memory that the reader skipped on request."""

    size: int


class Command(Event, frozen=True):
    """A command to the target (migration/savevm.c, qemu_vm_cmd)."""

    command: int
    data: bytes


class StreamEnds(Event, frozen=True):
    """The end mark."""


class DescriptionRead(Event, frozen=True):
    """The stream's own description, `size` bytes with its header.

    `unclaimed` are sections that it describes and that were not in the stream.
    """

    size: int
    unclaimed: tuple[str, ...]


class Trailing(Event, frozen=True):
    """Bytes behind the stream, such as the padding of a snapshot."""

    size: int
