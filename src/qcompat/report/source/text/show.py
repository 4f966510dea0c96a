"""What a source tree defines: a type, a machine type, or all in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from qcompat.report.output import Output
from qcompat.report.source.answers import SourceShow
from qcompat.report.terminal.plain import printable
from qcompat.source.tree.tree import Tree


def write(answer: SourceShow, out: Output) -> None:
    """What was asked for."""
    if answer.machine:
        _write_machine(answer.tree, answer.machine, out)
    elif answer.type:
        _write_type(answer.tree, answer.type, out)
    else:
        _write_summary(answer, out)


def _write_summary(answer: SourceShow, out: Output) -> None:
    """How much there is, and what could not be followed."""
    for name, count in answer.counts().items():
        out.write(f"{count:7}  {name}\n")
    lost = answer.tree.unfollowed
    for why, count in sorted(Counter(each.why for each in lost).items()):
        out.write(f"{count:7}  not followed: {why}\n")
    if out.verbose:
        out.writelines(
            printable(f"{each.place.file}:{each.place.line}: {each.what}: {each.why}") + "\n"
            for each in lost
        )
    elif lost:
        out.write("(-v names what was not followed)\n")


def _write_type(tree: Tree, name: str, out: Output) -> None:
    """Where a type stands, its ancestors, properties, entries and state."""
    one = tree.types.all[name]
    out.write(f"{name}\n  {one.place.file}:{one.place.line}\n")
    out.write(f"  is a {', '.join(tree.types.ancestors(name)[1:])}\n")
    rows = [_property(tree, name, key) for key in sorted(tree.types.properties(name))]
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(3)]
    for row in rows:
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        out.write(printable(f"  {cells}  {row[3]}".rstrip()) + "\n")
    out.writelines(printable(line) + "\n" for line in _entries(tree, name))
    out.writelines(printable(line) + "\n" for line in _state(tree, name))
    if tree.types.is_open(name):
        out.write("  more properties, whose names are computed or lie in what was not read\n")


def _write_machine(tree: Tree, name: str, out: Output) -> None:
    """The tables of a machine type in the order of application: the last entry wins."""
    one = tree.machines.all[name]
    out.write(f"{name}\n  {one.place.file}:{one.place.line}\n")
    for table in one.tables:
        out.write(f"  {table.name}  {table.place.file}:{table.place.line}\n")
        out.writelines(
            printable(f"    {row.driver}.{row.property}={row.value}") + "\n" for row in table.rows
        )


def _property(tree: Tree, type_: str, name: str) -> tuple[str, str, str, str]:
    owner, one = tree.types.properties(type_)[name]
    default = "(none)" if one.spelled is None else one.default or f"{one.spelled}?"
    condition = f"  if {one.condition}" if one.condition else ""
    return name, default, owner, f"{one.place.file}:{one.place.line}{condition}"


def _entries(tree: Tree, type_: str) -> Iterator[str]:
    drivers = set(tree.types.ancestors(type_))
    for table in tree.machines.tables:
        for row in table.rows:
            if row.driver in drivers:
                yield f"  {table.name}: {row.driver}.{row.property}={row.value}"


def _state(tree: Tree, type_: str) -> Iterator[str]:
    for owner in tree.types.ancestors(type_):
        each = tree.types.all.get(owner)
        for key in each.descriptions if each else ():
            found = tree.descriptions.get(key)
            if found:
                name = tree.names.text(found.name, key[0]) or found.name
                size = f"{len(found.fields)} fields, {len(found.subsections)} subsections"
                yield f"  state {name} version {found.version}: {size}, {key[0]}:{found.line}"
