"""What differs between two namespaces, told apart by what it is. No opinion.

Devices are paired by identity. Of a device on one end only, what it has and
holds is not listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import zip_longest

from qcompat.compare.firmware.aml.method import Methods
from qcompat.compare.firmware.aml.namespace import METHOD, REGION, Identity, Node, text_of
from qcompat.compare.firmware.aml.resources import is_wider, without_manner
from qcompat.compare.firmware.change import AcpiChange

_LONG = 100
_TELLING = ("_HID", "_UID", "_ADR")


def compare_namespaces(source: Sequence[Node], target: Sequence[Node]) -> Iterator[AcpiChange]:
    """The differences, in no order."""
    ours, theirs, methods = _by_identity(source), _by_identity(target), Methods()
    for identity in dict.fromkeys((*theirs, *ours)):
        if identity[:-1] not in ours or identity[:-1] not in theirs:
            continue
        for one, other in zip_longest(ours.get(identity, ()), theirs.get(identity, ())):
            if one is None or other is None:
                yield _on_one_end(one, other)
            else:
                yield from _within(one, other, methods)


def _by_identity(found: Iterable[Node]) -> dict[Identity, list[Node]]:
    grouped: defaultdict[Identity, list[Node]] = defaultdict(list)
    for node in found:
        grouped[node.identity].append(node)
    return grouped


def _on_one_end(one: Node | None, other: Node | None) -> AcpiChange:
    node = one or other
    assert node is not None
    kind = node.kind if node.kind != "device" or node.is_driven else _bare(node)
    source, target = (_called(each) if each else None for each in (one, other))
    return AcpiChange(kind=kind, where=node.path, source=source, target=target)


def _bare(node: Node) -> str:
    return "address" if node.has_address else "bare device"


def _called(node: Node) -> str:
    told = [f"{name} {node.members[name]}" for name in _TELLING if name in node.members]
    return ", ".join(told) or node.kind


def _within(one: Node, other: Node, methods: Methods) -> Iterator[AcpiChange]:
    if one.path != other.path:
        place = min(one.path, other.path)
        yield AcpiChange(kind="path", where=place, source=one.path, target=other.path)
    for name in sorted(one.members.keys() | other.members.keys()):
        at = f"{min(one.path, other.path)}.{name}".lstrip(".")
        if one.bodies.get(name) != other.bodies.get(name):
            ours, theirs = (_worked_out(node, name, methods) for node in (one, other))
        else:
            ours, theirs = one.members.get(name), other.members.get(name)
        if ours != theirs:
            source, target = _apart(ours, theirs)
            kind = _kind_of_values(_kind(name, one), ours, theirs)
            yield AcpiChange(kind=kind, where=at, source=source, target=target)


def _worked_out(node: Node, name: str, methods: Methods) -> str | None:
    """A member in words; of a method what it returns, or the size and digest of its code."""
    body = node.bodies.get(name)
    if body is None:
        return node.members.get(name)
    value = methods.returned(body) if name.startswith("_") else None
    if value is not None:
        return text_of(value)
    return f"{node.members[name]}, {len(body)} bytes, {sha256(body).hexdigest()[:8]}"


def _kind_of_values(kind: str, ours: str | None, theirs: str | None) -> str:
    """`kind`, or what a value is that the standard's methods may hand on: routing, a region.

    Resources that are the same but for how interrupts are signalled are the `manner` of a kind,
    those of which the target has all and more a `wider` kind.
    """
    texts = [text for text in (ours, theirs) if text is not None]
    if ours is not None and theirs is not None and is_wider(ours, theirs):
        return f"wider {REGION if ours.startswith(REGION) else kind}"
    if any(text.startswith(REGION) for text in texts):
        return REGION
    is_code = any(text.startswith(METHOD) for text in texts)
    if len(texts) == 2 and is_code:
        return f"code of {kind}"
    if len(texts) == 2 and len({without_manner(text) for text in texts}) == 1:
        return f"manner of {kind}"
    return "own value" if kind == "own" and len(texts) == 2 else kind


def _apart(ours: str | None, theirs: str | None) -> tuple[str | None, str | None]:
    """Two long values cut to the part in which they differ."""
    if ours is None or theirs is None or min(len(ours), len(theirs)) < _LONG:
        return ours, theirs
    start = max(0, ours.rfind("(", 0, _shared(ours, theirs)))
    end = _shared(ours[start:][::-1], theirs[start:][::-1])
    end -= ours[len(ours) - end :].find(")") + 1
    one, other = (f"… {text[start : len(text) - end]} …" for text in (ours, theirs))
    return one, other


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _kind(name: str, node: Node) -> str:
    """The name where the standard gives it a meaning; a member of one's own is `own`."""
    leaf = name.rpartition(".")[2].partition("#")[0]
    if leaf == "_ADR" and node.is_driven:
        return "_ADR beside _HID"
    return leaf if leaf.startswith(("_", "(")) else "own"
