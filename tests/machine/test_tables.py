from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.builds.build import Build
from qcompat.machine.ask.tables import ask_tables
from qcompat.machine.model import CompatEntry
from qcompat.machine.tables import added_by

ENTRIES = st.lists(
    st.builds(CompatEntry, st.sampled_from("ab"), st.sampled_from("pq"), st.sampled_from("01"))
)


@given(st.lists(ENTRIES, min_size=1, max_size=5))
def test_what_machine_types_add_makes_up_their_tables(added: list[list[CompatEntry]]) -> None:
    """`added` is newest first, as QEMU applies it."""
    names = [f"virt-{len(added) - place}.0" for place in range(len(added))]
    tables = {
        name: tuple(entry for part in added[: place + 1] for entry in part)
        for place, name in enumerate(names)
    }
    assert added_by(tables) == dict(zip(names, map(tuple, added), strict=True))


def test_families_do_not_mix_and_unversioned_types_add_nothing() -> None:
    one, other = CompatEntry("a", "p", "1"), CompatEntry("b", "q", "2")
    tables = {"pc-q35-9.0": (one,), "virt-9.1": (other,), "microvm": (one,), "virt-9.0": (other,)}
    assert added_by(tables) == {"pc-q35-9.0": (one,), "virt-9.0": (), "virt-9.1": (other,)}


@pytest.mark.lab
@pytest.mark.parametrize("version", ["5.2.0", "7.2.22"])
async def test_builds_before_9_1_do_not_tell(builds: Mapping[str, Build], version: str) -> None:
    if version not in builds:
        pytest.skip(f"no build of {version}")
    assert await ask_tables(builds[version]) is None


@pytest.mark.lab
@pytest.mark.parametrize("version", ["10.0.2", "10.0.13", "11.1.3"])
async def test_added_entries_are_the_arrays_of_the_source(
    builds: Mapping[str, Build], version: str
) -> None:
    if version not in builds:
        pytest.skip(f"no build of {version}")
    tables = await ask_tables(builds[version])
    assert tables is not None
    added = added_by(tables)
    assert added["pc-q35-7.2"] == (
        CompatEntry("e1000e", "migrate-timadj", "off"),
        CompatEntry("virtio-mem", "x-early-migration", "off"),
        CompatEntry("migration", "x-preempt-pre-7-2", "on"),
        CompatEntry("pci-device", "x-pcie-err-unc-mask", "off"),
        CompatEntry("ICH9-LPC", "noreboot", "on"),
    )
    assert added["pc-i440fx-7.2"] == added["pc-q35-7.2"]
    assert all(tables[name][len(tables[name]) - len(own) :] == own for name, own in added.items())
