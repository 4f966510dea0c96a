"""The driver to write into an entry: one name for the types that a cause reaches."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.machine.audit.indexed_facts import Reading
from qcompat.machine.audit.pair import Pair
from qcompat.machine.model import CompatEntry


def cover(pair: Pair, property: str, types: tuple[str, ...]) -> str:
    """The narrowest driver that means these types and no others that are known to agree.

    One that a table of either build uses for this property comes first, as its authors' choice.
    All types that it means must have the property, or the entry would abort QEMU.
    Empty where no one name will do: then each type needs its own entry.
    """
    if len(types) == 1:
        return types[0]
    agreeing = {type for type, name in pair.compared if name == property} - set(types)
    fitting = {
        name
        for name, reached in pair.audited.reach.items()
        if reached >= set(types)
        and not reached & agreeing
        and all(pair.audited.has_property((type, property)) is not False for type in reached)
    }
    used = fitting & {*_used(pair.audited, property), *_used(pair.reference, property)}
    return pair.audited.narrowest(used) or pair.audited.narrowest(fitting)


def entries_for(
    driver: str, types: tuple[str, ...], property: str, value: str
) -> tuple[CompatEntry, ...]:
    """The rows to paste: one for the driver, or one for each type."""
    return tuple(CompatEntry(each, property, value) for each in ((driver,) if driver else types))


def _used(reading: Reading, property: str) -> Iterator[str]:
    for table in reading.facts.tables.values() if reading.has_tables else ():
        yield from (entry.driver for entry in table if entry.property == property)
