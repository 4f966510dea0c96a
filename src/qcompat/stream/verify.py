"""Whether a stream is whole and consistent: all that can be checked without loading it.

Reading stops at what makes going on impossible; everything else is collected. A target checks
much more (versions, registers, sizes), which is the business of `rules`.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from qcompat.errors import StreamError, UndescribedError
from qcompat.stream import events as e
from qcompat.stream.layout import leaves
from qcompat.stream.memory.ram import DEFAULT_PAGE_SIZE
from qcompat.stream.memory.tally import Counting
from qcompat.stream.reader.live.live_reader import UNKNOWN
from qcompat.stream.reader.reader import Reader
from qcompat.stream.reader.whole import section_of
from qcompat.stream.record import Record

_LARGEST = 1 << 26  # of a device state that is laid out
_MOST = 1000  # problems that are listed one by one


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with the stream at `offset`; `record` is the path of the record."""

    offset: int
    record: str
    message: str


class Verification(msgspec.Struct, frozen=True):
    """What was found: `problems` break the stream; `unproven` could not be checked.

    `devices` are device sections, `described` those whose bytes the description accounts for,
    `pages` the pages of guest memory, `size` the bytes of the stream.
    """

    problems: tuple[Problem, ...]
    unproven: tuple[str, ...]
    devices: int
    described: int
    pages: int
    size: int

    @property
    def verdict(self) -> Literal["whole", "damaged", "unknown"]:
        """Damaged by any problem; unknown where something could not be checked."""
        return "damaged" if self.problems else "unknown" if self.unproven else "whole"


def verify(reader: Reader) -> Verification:
    """Read the stream to its end and check it. Raises nothing for a damaged stream."""
    check = _Check(reader)
    try:
        for event in reader.events():
            check.see(event)
    except UndescribedError as error:
        check.give_up(error)
    except StreamError as error:
        check.stop(error)
    return check.result()


class _Check:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._problems: list[Problem] = []
        self._unproven: list[str] = []
        self._begun: e.SectionBegins | None = None
        self._seen: Counter[tuple[str, int, Record]] = Counter()
        self._ids: dict[int, str] = {}
        self._memory = Counting(reader.data)
        self._devices = self._described = self._footers = self._count = 0
        self._size = 0

    def see(self, event: e.Event) -> None:
        self._memory.see(event)
        match event:
            case e.SectionBegins():
                self._begin(event)
            case e.SectionEnds():
                self._footers += 1
            case e.DeviceState():
                self._device(event)
            case e.LiveState() if event.what == UNKNOWN and self._begun:
                self._unproven.append(f"{self._begun.idstr}: its save handler is unknown")
            case e.RamMark() if event.address:
                self._add(event.offset, "ram", f"a mark with address {event.address:#x}")
            case e.DescriptionRead():
                self._size = event.offset + event.size
                for name in event.unclaimed:
                    self._add(event.offset, name, "is described, but not in the stream")
            case e.StreamEnds():
                self._size = event.offset + 1
            case e.Trailing():
                self._trailing(event)

    def stop(self, error: StreamError) -> None:
        self._problems.append(Problem(error.offset, error.record, error.message))

    def give_up(self, error: UndescribedError) -> None:
        self._unproven.append(f"everything from there on: {error.message}")

    def result(self) -> Verification:
        tally = self._memory.result(DEFAULT_PAGE_SIZE)
        if self._devices and not self._footers:
            self._unproven.append("sections have no footers (machine types up to 2.3)")
        if self._devices and self._reader.description is None:
            self._unproven.append(f"{self._devices} device sections without a description")
        if self._count > _MOST:
            self._unproven.append(f"{self._count - _MOST} more problems are not listed")
        return Verification(
            problems=tuple(self._problems),
            unproven=tuple(self._unproven),
            devices=self._devices,
            described=self._described,
            pages=sum(block.sent for block in tally.blocks),
            size=self._size,
        )

    def _begin(self, event: e.SectionBegins) -> None:
        self._begun = event
        if event.kind in (Record.PART, Record.END):
            return
        # one that is sent in parts may send a whole section besides, as vfio does since 6.0
        key = (event.idstr, event.instance_id, event.kind)
        self._seen[key] += 1
        if self._seen[key] > 1:
            self._add(event.offset, event.name, "a second section of this name")
        other = self._ids.setdefault(event.section_id, event.idstr)
        if self._ids[event.section_id] != event.idstr:
            self._add(event.offset, event.idstr, f"has section id {event.section_id} of {other}")

    def _device(self, event: e.DeviceState) -> None:
        self._devices += 1
        record = event.section.name
        if event.description is None:
            self._undescribed(event, record)
            return
        self._described += 1
        if event.size > _LARGEST:
            self._unproven.append(f"{record}: {event.size} bytes, too many to lay out")
            return
        try:
            leaves(section_of(event, self._reader.data))
        except StreamError as error:
            self.stop(error)

    def _undescribed(self, event: e.DeviceState, record: str) -> None:
        if self._reader.description is None:
            return
        if event.has_null_array:
            reason = "before 10.0 QEMU did not describe an array of pointers of which some are null"
            self._unproven.append(f"{record}: {reason}")
        else:
            self._add(event.offset, record, "its description does not fit its bytes")

    def _trailing(self, event: e.Trailing) -> None:
        rest = self._reader.data[event.offset : event.offset + (1 << 16)]
        if any(rest):
            self._add(event.offset, "", f"{event.size} bytes follow the stream")

    def _add(self, offset: int, record: str, message: str) -> None:
        if len(self._problems) < _MOST:
            self._problems.append(Problem(offset, record, message))
        self._count += 1
