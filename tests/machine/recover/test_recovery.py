"""Tables from observations: as general as was seen, oldest last, and never more than was seen."""

from __future__ import annotations

from qcompat.machine.model import Observed, TypeFact
from qcompat.machine.recover import recover
from tests.machine.recover.observations_writer import BASE, TYPES, observed, table

NEW, OLD, OLDEST = "pc-q35-10.0", "pc-q35-9.2", "pc-q35-9.1"


def test_a_change_of_all_below_an_ancestor_names_the_ancestor() -> None:
    entry = ("pci-device", "addr", "1")
    recovered = recover(observed({NEW: (), OLD: table(entry)}), TYPES, (OLD, NEW))
    assert recovered.tables == {NEW: (), OLD: table(entry)}


def test_an_ancestor_is_not_named_when_a_sibling_differs() -> None:
    entry = ("disk", "addr", "1")
    recovered = recover(observed({NEW: (), OLD: table(entry)}), TYPES, (OLD, NEW))
    assert recovered.tables[OLD] == table(entry)


def test_an_ancestor_without_the_property_is_not_named_for_a_coincidence() -> None:
    entries = table(("disk", "rom", "1"), ("virtio-net-pci", "rom", "1"))
    recovered = recover(observed({NEW: (), OLD: entries}), TYPES, (OLD, NEW))
    assert recovered.tables[OLD] == entries


def test_a_change_of_a_proxy_names_the_device_inside() -> None:
    seen = observed({NEW: (), OLD: table(("virtio-net-device", "mq", "1"))})
    shown = {
        machine: Observed(machine, {"virtio-net-pci": each.devices["virtio-net-pci"]})
        for machine, each in seen.items()
    }
    recovered = recover(shown, TYPES, (NEW, OLD))
    assert recovered.tables[OLD] == table(("virtio-net-device", "mq", "1"))


def test_a_change_of_all_proxies_names_the_type_that_defines_the_property() -> None:
    entry = ("virtio-device", "packed", "1")
    recovered = recover(observed({NEW: (), OLD: table(entry)}), TYPES, (NEW, OLD))
    assert recovered.tables[OLD] == table(entry)


def test_the_oldest_release_wins_and_comes_last() -> None:
    newer, older = ("disk", "size", "1"), ("disk", "size", "2")
    tables = {NEW: (), OLD: table(newer), OLDEST: table(newer, older)}
    recovered = recover(observed(tables), TYPES, (OLDEST, NEW, OLD))
    assert recovered.steps == {NEW: (), OLD: table(newer), OLDEST: table(older)}
    assert recovered.tables[OLDEST] == table(newer, older)


def test_a_subclass_that_did_not_change_with_its_parent_gets_its_value_back() -> None:
    entries = table(("card", "speed", "1"), ("fast-card", "speed", "0"))
    recovered = recover(observed({NEW: (), OLD: entries}), TYPES, (NEW, OLD))
    assert recovered.tables[OLD] == entries


def test_releases_are_ordered_as_numbers() -> None:
    entry = ("disk", "size", "1")
    recovered = recover(
        observed({"pc-9.2": table(entry), "pc-10.0": ()}), TYPES, ("pc-9.2", "pc-10.0")
    )
    assert recovered.base["disk"]["size"] == "0"
    assert recovered.steps["pc-9.2"] == table(entry)


def test_what_a_board_says_even_of_its_newest_release_is_its_tables() -> None:
    entry = ("disk", "size", "39")
    seen = observed({NEW: table(entry), "pc-i440fx-10.0": (), "pc-i440fx-9.2": ()})
    recovered = recover(seen, TYPES, tuple(seen))
    assert recovered.base == BASE
    assert recovered.tables[NEW] == table(entry)


def test_of_boards_that_differ_the_one_with_the_class_default_is_right() -> None:
    disk = TypeFact("disk", ("device",), False, {"size": "7"})
    seen = observed({NEW: (), OLD: (), "microvm": table(("disk", "size", "7"))})
    recovered = recover(seen, {**TYPES, "disk": disk}, tuple(seen))
    assert recovered.base["disk"]["size"] == "7"
    assert recovered.tables["microvm"] == ()
    assert table(("disk", "size", "0"))[0] in recovered.tables[NEW]


def test_a_value_that_guests_decide_has_no_base_until_a_table_sets_it() -> None:
    old = table(("disk", "size", "1"))
    small = observed({NEW: (), OLD: old})
    large = observed({NEW: table(("disk", "size", "4")), OLD: old})
    recovered = recover(small, TYPES, (NEW, OLD), [large])
    assert "size" not in recovered.base["disk"]
    assert recovered.configured[NEW] == {("disk", "size")}
    assert recovered.tables == {NEW: (), OLD: old}


def test_a_board_that_sets_up_its_own_device_decides_the_value() -> None:
    seen = {NEW: Observed(NEW, {"disk": {"size": "0"}}, defaults={"disk": {"size": "8"}})}
    recovered = recover(seen, TYPES, (NEW,))
    assert recovered.configured[NEW] == {("disk", "size")}


def test_types_that_could_not_be_made_are_unknown_and_counted() -> None:
    seen = {NEW: Observed(NEW, {"disk": {"size": "0"}}, skipped={"card": "needs a host device"})}
    recovered = recover(seen, TYPES, (NEW,))
    assert recovered.unknown == {NEW: {"card": "needs a host device"}}
    assert recovered.unknown_count == 1
    assert "card" not in recovered.base


def test_machine_types_that_were_not_observed_get_no_table() -> None:
    recovered = recover(observed({NEW: ()}), TYPES, (NEW, OLD))
    assert set(recovered.tables) == {NEW}


def test_text_that_is_not_text_is_no_value_even_where_it_looks_clean() -> None:
    garbage = table(("disk", "rom", "key\N{REPLACEMENT CHARACTER}U"))
    recovered = recover(observed({NEW: (), OLD: garbage}), TYPES, (NEW, OLD))
    assert recovered.tables[OLD] == ()
    assert recovered.configured == {NEW: {("disk", "rom")}, OLD: {("disk", "rom")}}
    assert "rom" not in recovered.base["disk"]


def test_a_link_says_where_an_object_was_put_and_is_no_value() -> None:
    link = table(("disk", "rom", "/machine/unattached/device[8]"))
    recovered = recover(observed({NEW: (), "microvm": link}), TYPES, (NEW, "microvm"))
    assert recovered.tables["microvm"] == ()


def test_the_base_of_a_proxy_has_what_the_device_inside_says() -> None:
    seen = {NEW: Observed(NEW, {"virtio-net-pci": {"addr": "1"}, "virtio-net-device": {"mq": "2"}})}
    recovered = recover(seen, TYPES, (NEW,))
    assert recovered.base["virtio-net-pci"] == {"addr": "1", "mq": "2"}
