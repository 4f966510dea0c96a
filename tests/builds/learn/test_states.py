from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import zstandard

from qcompat.builds.facts import StateDescription, StateField
from qcompat.builds.learn.answers import name_states, parse_states

DATA = Path(__file__).parents[2] / "data" / "builds"


@cache
def _by_type(version: str) -> Mapping[str, StateDescription]:
    content = (DATA / f"vmstate-{version}.json.zst").read_bytes()
    return parse_states(zstandard.decompress(content))


def test_every_class_of_the_dump_is_read() -> None:
    assert len(_by_type("7.2.22")) == 213
    assert len(_by_type("11.1.3")) == 242
    assert "vmschkmachine" not in _by_type("7.2.22")


def test_fields_keep_size_version_and_condition() -> None:
    fields = {field.name: field for field in _by_type("7.2.22")["e1000"].fields}
    device = fields["parent_obj"].description
    assert device is not None
    assert device.name == "PCIDevice"
    assert StateField("irq_state", 16, version=2) in device.fields
    assert [f.conditional for f in device.fields if f.name == "config"] == [True, True]


def test_length_of_arrays_is_read_where_the_build_tells_it() -> None:
    def counts(version: str) -> set[int]:
        return {f.count for state in _by_type(version).values() for f in state.fields}

    assert counts("7.2.22") == {1}
    assert 8 in counts("11.1.3")


def test_subsections_are_read_with_their_versions() -> None:
    names = {subsection.name for subsection in _by_type("7.2.22")["ICH9-LPC"].subsections}
    assert "ICH9LPC/smi_feat" in names


def test_types_that_share_a_state_name_keep_their_own_description() -> None:
    found = name_states(_by_type("7.2.22"))
    assert found["vga@isa-vga"] == _by_type("7.2.22")["isa-vga"]
    assert found["vga"] == _by_type("7.2.22")["VGA"]
    assert found["vga"] != found["vga@isa-vga"]


def test_a_class_of_another_form_does_not_take_the_others_with_it() -> None:
    good = b'{"Name":"e1000","Description":{"name":"e1000","version_id":2,"minimum_version_id":1}}'
    dump = b'{"odd": 3, "bad": {"Description": {"name": 1}}, "e1000": %s, "new": {"x": []}}' % good
    assert dict(parse_states(dump)) == {"e1000": StateDescription("e1000", 2, 1)}


@pytest.mark.parametrize("dump", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_dump_is_refused(dump: bytes) -> None:
    with pytest.raises(ValueError):
        parse_states(dump)
