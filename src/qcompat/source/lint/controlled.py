"""What a machine type controls: the names by which code asks what a property says."""

from __future__ import annotations

import re

from qcompat.source.tree.tree import Tree


def controlled_in(tree: Tree) -> frozenset[str]:
    """Names by which code asks what a property says: fields, and flags of bit properties."""
    found: set[str] = set()
    for type_ in tree.types.all.values():
        for each in type_.properties.values():
            found.update(re.findall(r"[A-Za-z_]\w*", each.field)[-1:])
            found.update(_flags(each.field))
    return frozenset(found)


def _flags(field: str) -> list[str]:
    """`ats_bit` of a bit property asks as ATS_BIT, and its mask often as ATS."""
    found = []
    for name in re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", field):
        found += [name, re.sub(r"_(?:BIT|BITNR|NR)\Z", "", name), f"{name}_MASK"]
    return found
