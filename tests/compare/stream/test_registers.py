"""The registers that a processor sends as a list."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qcompat.compare.comparison import compare
from qcompat.compare.stream.registers import RegistersDiffer, registers_in
from qcompat.portrait.portrait import Portrait

Recording = Callable[[str], Portrait]


def test_a_list_is_read_with_its_values(recording: Recording) -> None:
    stream = recording("arm@10.0.13").stream
    assert stream
    found = [each for section in stream.sections if (each := registers_in(section))]
    (registers,) = found
    assert len(registers.values) == 275
    assert registers.values[0x603000000013C030] == 0x11120


def test_lists_differ_by_processor(recording: Recording) -> None:
    comparison = compare(recording("arm@10.0.2"), recording("arm@10.0.13"))
    (difference,) = comparison.of(RegistersDiffer)
    assert difference.idstr == "cpu"
    assert comparison.swapped().of(RegistersDiffer)[0].source == difference.target


def test_a_section_without_a_list_and_a_torn_one_have_none(recording: Recording) -> None:
    for name in ("empty@10.0.13", "arm@10.0.13"):
        stream = recording(name).stream
        assert stream
        cpu = next(section for section in stream.sections if section.idstr == "cpu")
        assert registers_in(msgspec.structs.replace(cpu, payload=cpu.payload[:99])) is None
        assert registers_in(msgspec.structs.replace(cpu, description=None)) is None
