"""A register of PCI configuration space is set another way, and no property decides it.

`get_pci_config_device` (hw/pci/pci.c) refuses a stream whose read-only bits differ: a capability
more, a mask or an identity that changed ends every migration of older machine types, as the
error mask of 8.0 did. Followed are functions that both trees have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from qcompat.source.facts import Write
from qcompat.source.lint.finding import Finding, PasteEntry, Severity
from qcompat.source.lint.pair import Pair
from qcompat.source.tree.files import Place

_SPACE = re.compile(r"config\b|cmask|w1?cmask|\bexp_cap|aer_cap|\bconf\b|pci_conf")
_MAKES = re.compile(r"realize|init|reset|setup")
"""Functions that lay a device out, as QEMU names them; what runs later moves with the guest."""
_LAYOUT = re.compile(r"add_capability|_init\b|_init_|register_bar|cap_init")


def find(pair: Pair) -> Iterator[Finding]:
    """Writes that came, went or changed in a function of both trees."""
    for file, facts in pair.after.files.files.items():
        before = pair.before.files.files.get(file)
        if before is None or before.writes == facts.writes:
            continue
        functions = set(before.bodies)
        for function in sorted({each.function for each in facts.writes} & functions):
            if not _MAKES.search(function):
                continue
            ours = [each for each in before.writes if each.function == function]
            theirs = [each for each in facts.writes if each.function == function]
            found = list(_compare(pair, file, ours, theirs))
            if found:  # one cause, though it may take several writes
                yield min(found, key=lambda each: each.severity != "breaks")


def _compare(pair: Pair, file: str, ours: list[Write], theirs: list[Write]) -> Iterator[Finding]:
    old = Counter(_key(pair, file, each, before=True) for each in ours)
    moved = Counter(each.call for each in ours) == Counter(each.call for each in theirs)
    spelled = {(each.call, each.target): each for each in ours}
    for each in theirs:
        key = _key(pair, file, each, before=False)
        if old[key]:
            old[key] -= 1
            lost = [one for one in ours if _key(pair, file, one, before=True) == key and one.guards]
            if each.guards or not lost or not _is_controlled(pair, lost[0]):
                continue  # nothing changed but, perhaps, who decides
            moved = False
        same = spelled.get((each.call, each.target))
        if _is_controlled(pair, each) or not _concerns_layout(each):
            continue
        if same is None and moved:
            continue  # the call is spelled another way
        yield _finding(pair, file, each, same)


def _key(pair: Pair, file: str, each: Write, *, before: bool) -> tuple[str, str, str]:
    tree = pair.before if before else pair.after
    number = tree.names.number(each.value, file)
    value = each.value if number is None else str(number)
    return each.call, re.sub(r"\w+->|\w+\.", "", each.target), re.sub(r"\w+->|\w+\.", "", value)


def _is_controlled(pair: Pair, each: Write) -> bool:
    words = set(re.findall(r"[A-Za-z_]\w*", " ".join(each.guards)))
    return bool(words & pair.controlled) or any("cap_present" in guard for guard in each.guards)


def _concerns_layout(each: Write) -> bool:
    if each.call.startswith(("pci_set_", "pci_config_set", "pci_long", "pci_word", "pci_byte")):
        loosened = "clear_mask" in each.call and "cmask" in each.target
        return bool(_SPACE.search(each.target)) and not loosened
    return bool(_LAYOUT.search(each.call))


def _finding(pair: Pair, file: str, each: Write, same: Write | None) -> Finding:
    types = tuple(
        name
        for name, one in pair.after.types.all.items()
        if one.place.file == file and "pci-device" in pair.after.types.ancestors(name)
    )
    reached = tuple(one.name for one in pair.reach.of_file(file) if one.name in pair.machines)
    register = _register(each)
    drivers = types or ("pci-device",)
    table, place = pair.table_for(reached, drivers)
    entries = tuple(PasteEntry(one, f"x-{register}", "off") for one in _fewest(pair, drivers))
    constant = same is None or pair.after.names.number(each.value, file) is not None
    severity: Severity = "breaks" if constant and not each.guards else "suspicious"
    if types and not any(_has_state(pair, name) for name in types):
        reached = ()
    return Finding(
        lint="config_write_changed",
        severity=severity if reached else "harmless",
        subject=f"{each.function}: {each.call}({each.target})",
        reason="needs_property" if reached else "no_versioned_machine_type",
        before=same.value if same else None,
        after=each.value,
        here=Place(file, each.line),
        there=Place(file, same.line) if same else None,
        types=types,
        machines=reached,
        entries=entries if reached else (),
        table=table if reached else "",
        table_place=place if reached else None,
    )


def _has_state(pair: Pair, type_: str) -> bool:
    """Whether the configuration of such a device is in a stream at all."""
    tree = pair.before
    for owner in tree.types.ancestors(type_):
        each = tree.types.all.get(owner)
        found = [
            tree.descriptions[key]
            for key in (each.descriptions if each else ())
            if key in tree.descriptions
        ]
        if found:
            return not any(one.is_unmigratable for one in found)
    return False


def _register(each: Write) -> str:
    words = re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", f"{each.target}, {each.value}")
    word = words[0] if words else each.call
    return re.sub(r"^(?:pci|pcie)[_-]", "", word.lower()).replace("_", "-")


def _fewest(pair: Pair, drivers: tuple[str, ...]) -> list[str]:
    return [
        each
        for each in drivers
        if not any(one in drivers for one in pair.after.types.ancestors(each)[1:])
    ]
