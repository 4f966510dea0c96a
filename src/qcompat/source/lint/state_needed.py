"""Whether a machine type decides that a subsection is sent, by its `needed` test."""

from __future__ import annotations

import re
from collections.abc import Collection

from qcompat.source.lint.state_sides import Side

_ASKS_MACHINE = re.compile(r"->compat|GET_CLASS|\bmc->|pcmc|_class\b|has_feature|host_has|machine_")
_CALL = re.compile(r"\b([a-z_]\w*)\s*\(")
_KEYWORDS = frozenset(("if", "return", "while", "for", "switch", "sizeof", "container_of"))


def why_sent(side: Side, controlled: Collection[str]) -> str | None:
    """Why a subsection may be sent to what does not know it; None if a property decides."""
    if not side.found.needed or side.found.needed == "NULL":
        return "always_sent"
    return uncontrolled(side, controlled, side.found.needed)


def uncontrolled(side: Side, controlled: Collection[str], name: str) -> str | None:
    test = side.test(name)
    if test is None:
        return "not_followed"
    body = test.body
    words = set(re.findall(r"[A-Za-z_]\w*", body))
    if not words.isdisjoint(controlled) or _ASKS_MACHINE.search(body):
        return None
    if re.fullmatch(r"\{\s*return\s+(?:true|1)\s*;\s*\}", body):
        return "always_sent"
    called = set(_CALL.findall(body)) - _KEYWORDS
    return "not_followed" if called else "guest_state"
