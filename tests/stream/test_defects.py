"""Every defect that the writer can make is found, by name and place."""

from __future__ import annotations

import pytest

from qcompat.stream.reader.reader import reading
from qcompat.stream.verify import Verification, verify
from qcompat.stream.writer.writer import write
from tests.stream.conftest import recorded
from tests.stream.defects import DEFECTS, broken

STREAM = recorded("debian-10.0.13-microvm-mmio")

SAID = {
    "end_missing": "the next record needs 1 bytes",
    "footer_missing": "this section has no end",
    "footer_of_another_section": "this section has no end",
    "record_unknown": "unknown record 0x42",
    "format_raised": "version 4 of the stream format",
    "magic_changed": "not a migration stream",
    "ram_flags_unknown": "unknown combination of RAM flags 0x18",
    "page_outside_block": "which ends at",
    "description_cut_short": "the description needs",
    "description_damaged": "the description is damaged",
    "device_missing": "is described, but not in the stream",
    "device_repeated": "a second section of this name",
    "device_longer_than_described": "its description does not fit",
    "bytes_trailing": "4 bytes follow the stream",
}


def verified(data: bytes) -> Verification:
    with reading(data) as reader:
        return verify(reader)


def test_the_whole_stream_is_whole() -> None:
    found = verified(write(STREAM))
    assert (found.problems, found.unproven) == ((), ())
    assert found.devices == found.described == len(STREAM.sections)


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_each_defect_is_found(defect: str) -> None:
    found = verified(broken(STREAM, defect))
    messages = [problem.message for problem in found.problems] + list(found.unproven)
    assert any(part in message for part in SAID[defect].split("|") for message in messages), found


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_no_defect_passes_as_whole(defect: str) -> None:
    found = verified(broken(STREAM, defect))
    assert found.problems or found.unproven
