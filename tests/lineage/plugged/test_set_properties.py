"""What a plugged device was given, told by a twin that has it bare."""

from __future__ import annotations

from qcompat.lineage.plugged.set_properties import matched, set_properties
from qcompat.portrait.running.observed import Peripheral, Value

NAMED, ANONYMOUS = "/machine/peripheral", "/machine/peripheral-anon"


def _rng(path: str, at: str, **properties: Value) -> Peripheral:
    return Peripheral(
        path,
        "virtio-rng-pci",
        True,
        bus="/machine/q35/pcie.0",
        place={"addr": at},
        properties=properties,
    )


def test_only_what_the_bare_twin_has_otherwise_was_set() -> None:
    ours = _rng(f"{NAMED}/r", "03.0", period=1000, vectors=2)
    bare = _rng(f"{NAMED}/r", "03.0", period=65536, vectors=2)
    assert set_properties(ours, bare) == {"period": 1000}


def test_sizes_of_images_and_back_ends_are_no_settings() -> None:
    ours = _rng(f"{NAMED}/r", "03.0", cyls=2080, drive="b1", attached=True)
    assert set_properties(ours, _rng(f"{NAMED}/r", "03.0", cyls=16)) == {}


def test_a_device_without_an_id_is_found_by_its_place() -> None:
    ours, other = _rng(f"{ANONYMOUS}/device[4]", "04.0"), _rng(f"{ANONYMOUS}/device[5]", "05.0")
    theirs = _rng(f"{ANONYMOUS}/device[0]", "04.0")
    assert matched((ours, other), (theirs,)) == {ours.path: theirs}


def test_a_device_that_is_elsewhere_in_the_twin_is_not_the_guests() -> None:
    assert matched((_rng(f"{NAMED}/r", "03.0"),), (_rng(f"{NAMED}/r", "04.0"),)) == {}
