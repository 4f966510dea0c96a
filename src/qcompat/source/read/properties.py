"""Arrays of `Property`, and single ones."""

from __future__ import annotations

from qcompat.source.c_text import braced, items
from qcompat.source.facts import PropertyArray
from qcompat.source.syntax import Outline, Variable


def read_arrays(found: Outline) -> tuple[PropertyArray, ...]:
    """Each array with its elements as they are spelled."""
    return tuple(_array(each) for each in found.variables if each.kind == "Property")


def _array(variable: Variable) -> PropertyArray:
    text = braced(variable.text) if variable.text.startswith("{") else variable.text
    elements = tuple(
        each
        for each in items(text, variable.line)
        if "END_OF_LIST" not in each.macro
        and each.arguments != ("{}",)
        and each.arguments != ("{ }",)
    )
    return PropertyArray(variable.name, elements, variable.line)
