"""Writes to PCI configuration space, their masks, and capabilities, as functions make them.

Followed as far as one function: the register as it is spelled, the value, and the `if`s
around the call. A call through a variable or another file's helper is that helper's write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qcompat.source.c_text import split
from qcompat.source.facts import Write
from qcompat.source.syntax import Body, Outline, calls, guards

_CALLS = re.compile(
    r"pci_(?:set|config_set)_\w+|pci_(?:long|word|byte)_test_and_(?:set|clear)_mask|"
    r"pcie?_add_capability|pcie_(?:\w+_init|\w+_add)|msix?_init\w*|pci_\w+_cap_init|"
    r"pci_register_bar|pci_bridge_\w+_init"
)


def read_writes(found: Outline) -> tuple[Write, ...]:
    """The writes of all functions that were parsed."""
    return tuple(
        write
        for each in found.functions
        if (each.node is not None and "pci" in each.text) or "msi" in each.text
        for write in _writes(each)
    )


def _writes(body: Body) -> Iterator[Write]:
    if body.node is None:
        return
    for node, name in calls(body.node):
        if not _CALLS.fullmatch(name):
            continue
        inside = node.child_by_field_name("arguments")
        if inside is None or not inside.text:
            continue
        words = split(inside.text.decode("latin-1")[1:-1])
        if words:
            line = node.start_point[0] + 1
            target, value = (words[0], ", ".join(words[1:]))
            yield Write(body.name, name, target, value, guards(node), line)
