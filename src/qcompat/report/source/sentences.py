"""What each lint of source means, in words: one sentence a lint and one a case of it."""

from __future__ import annotations

from qcompat.source.lint import Finding

MEANINGS = {
    "config_write_changed": "sets PCI configuration space another way, and no property decides it: "
    "the target refuses guests of older machine types",
    "default_changed": "changed its default, and no compat entry keeps the old one",
    "entry_added_late": "has an entry that releases which shipped lack: guests from those find "
    "another value",
    "entry_driver_missing": "is an entry for a type that does not exist: it does nothing",
    "entry_property_missing": "is an entry for a property that types it reaches lack: QEMU ends "
    "when such a device is made",
    "entry_release_wrong": "has its entry in another release's table: machine types that shipped "
    "with the old value do not get it",
    "entry_removed": "lost the entry that kept the value of older machine types",
    "entry_sibling_missing": "has an entry for some of its types only",
    "entry_value_changed": "has another value in the table of machine types that shipped",
    "property_added": "is new, and no compat entry turns it back",
    "property_removed": "is gone",
    "vmstate_field_added": "sends a field more without a version or subsection: every byte after "
    "it shifts",
    "vmstate_field_conditional": "makes a field depend on the guest's state",
    "vmstate_field_removed": "sends a field less: every byte after it shifts",
    "vmstate_field_resized": "sends a field of another size or kind",
    "vmstate_fields_reordered": "sends its fields in another order",
    "vmstate_minimum_raised": "refuses the state that older builds send",
    "vmstate_needed_uncontrolled": "sends a subsection although no property asks for it any more",
    "vmstate_section_added": "sends a section that older builds do not know: no way back",
    "vmstate_section_removed": "does not know a section that older builds send",
    "vmstate_section_renamed": "has another section name",
    "vmstate_subsection_added": "sends a subsection that older builds do not know",
    "vmstate_subsection_removed": "does not know a subsection that older builds send",
    "vmstate_version_lowered": "lowered its version: newer state is refused",
    "vmstate_version_raised": "raised its version: older builds refuse the state, where a "
    "subsection would keep the way back",
}

CASES = {
    "always_sent": "it is always sent",
    "declared_elsewhere": "the name exists, though not as a property that could be followed here",
    "default_is_off": "its default keeps what the device did",
    "default_may_change_behaviour": "its default may change what the device does",
    "entry_is_much_older": "an entry for much older machine types exists: right where code "
    "became a property",
    "guest_state": "only the guest's state decides whether it is sent",
    "host_side": "it concerns the host only",
    "intended": "a comment says that it is intended",
    "machine_types_set_it": "machine types that shipped set it",
    "needs_property": "guard it by a property that is on by default, and turn that off",
    "nested": "it is nested, so that its version is not sent: both directions break",
    "new_property": "the property is new",
    "no_newer_machine_type": "no newer machine type exists, so that no table can keep it: keep "
    "the old value",
    "no_shipped_machine_type_sets_it": "no machine type that shipped sets it",
    "no_such_property": "no such property exists",
    "no_such_type": "no such type exists",
    "no_versioned_machine_type": "no versioned machine type has such a device",
    "not_followed": "what decides it could not be followed",
    "same_without_default": "both are nothing",
    "size_not_followed": "a structure's size may make up for it and could not be followed",
    "some_types_lack_it": "some of its types have it",
    "transitional": "the transitional and modern names lack it",
    "unmigratable": "such a device does not migrate",
    "value_not_followed": "a default could not be followed",
}


def sentence(each: Finding) -> str:
    """What is wrong, on one line."""
    text = f"{each.subject} {MEANINGS[each.lint]}"
    if each.before is not None or each.after is not None:
        text += f" ({each.before or 'nothing'} before, {each.after or 'nothing'} now)"
    if each.reason in CASES:
        text += f"; {CASES[each.reason]}"
    return text


def pasted(each: Finding) -> list[str]:
    """The entries as QEMU's source spells them."""
    return [f'{{ "{one.driver}", "{one.property}", "{one.value}" }},' for one in each.entries]


def reach(each: Finding) -> list[str]:
    """The machine types, the oldest and the newest of each board."""
    boards: dict[str, list[str]] = {}
    for name in each.machines:
        board, _, version = name.rpartition("-")
        version, _, architecture = version.partition(" ")
        boards.setdefault(f"{architecture} {board}".strip(), []).append(version)
    return [
        f"{board}-{versions[0]}" if len(versions) == 1 else f"{board}-{{{_span(versions)}}}"
        for board, versions in sorted(boards.items())
    ]


def _span(versions: list[str]) -> str:
    ordered = sorted(versions, key=_number)
    return f"{ordered[0]}..{ordered[-1]}"


def _number(version: str) -> tuple[tuple[int, ...], str]:
    words = version.split(".")
    return tuple(int(word) for word in words if word.isdigit()), version
