"""The options for the image of a plugged disk: `-blockdev`, or `-drive` for a named drive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qcompat.guest.option import flatten, format_fields
from qcompat.portrait.portrait import Gap
from qcompat.portrait.running.observed import BlockNode

_FORMATS = frozenset(
    {"raw", "qcow2", "qcow", "vmdk", "vdi", "vpc", "vhdx", "qed", "luks", "parallels", "bochs"}
)
"""Drivers that have the image in a node of their own below them."""
_FILES = frozenset({"file", "host_device", "host_cdrom"})
_OF_QEMU = "#"
"""How the names of nodes begin that no user named."""


def disk_words(name: str, nodes: Sequence[BlockNode]) -> Iterator[tuple[str, str] | Gap]:
    """The options for the node or drive of this name, the nodes below it first."""
    drive = next((each for each in nodes if each.drive == name), None)
    node = next((each for each in nodes if each.name == name), None)
    found = drive or node
    told = _told(found) if found else None
    if found is None or told is None:
        size = {"size": found.size} if found else {}
        stand_in = {"driver": "null-co", "node-name": name, **size}
        yield "blockdev", json.dumps(stand_in, separators=(",", ":"))
        said = f"({found.driver} on {found.file}) " if found else ""
        yield Gap(f"-blockdev {name}", f"what is behind it {said}is not told: write it by hand")
    elif drive is not None:
        yield "drive", _drive(drive, told)
    else:
        yield from _node(found, told, nodes)


def _told(node: BlockNode) -> Mapping[str, Any] | None:
    """The node's options, as far as its file name has them; None where it has none."""
    if node.file.startswith("json:"):
        try:
            told = json.loads(node.file.removeprefix("json:"))
        except ValueError:
            return None
        return told if isinstance(told, dict) else None
    image = {"driver": "file", "filename": node.file}
    if node.driver in _FORMATS:
        return {"driver": node.driver, "file": image} if node.file.startswith("/") else None
    return image | {"driver": node.driver} if node.driver in _FILES and node.file else None


def _drive(node: BlockNode, told: Mapping[str, Any]) -> str:
    inner = told.get("file")
    pairs = [("if", "none"), ("id", node.drive), ("format", node.driver)]
    if isinstance(inner, dict) and inner.get("driver") == "file" and set(inner) <= _PLAIN:
        pairs += [("file", str(inner["filename"]))]
    else:
        pairs += [(k, v) for k, v in flatten(told) if k != "driver"]
    pairs += [("readonly", "on")] if node.is_read_only else []
    pairs += [] if node.has_write_cache else [("cache", "writethrough")]
    return format_fields(tuple(pairs))


_PLAIN = {"driver", "filename"}


def _node(
    node: BlockNode, told: Mapping[str, Any], nodes: Sequence[BlockNode]
) -> Iterator[tuple[str, str]]:
    own = dict(told) | {"driver": node.driver, "node-name": node.name}
    below = _below(node, nodes)
    if below is not None:
        inner = _told(below) or told.get("file", {})
        yield "blockdev", _json({**inner, "node-name": below.name}, below)
        own["file"] = below.name
    yield "blockdev", _json(own, node)


def _json(told: Mapping[str, Any], node: BlockNode) -> str:
    own = dict(told) | ({"read-only": True} if node.is_read_only else {})
    return json.dumps(own, separators=(",", ":"))


def _below(node: BlockNode, nodes: Sequence[BlockNode]) -> BlockNode | None:
    """The node of the image, where the user named it too."""
    if node.driver not in _FORMATS:
        return None
    for each in nodes:
        is_image = each.driver not in _FORMATS and each.file == node.file
        if is_image and each.name and not each.name.startswith(_OF_QEMU):
            return each
    return None
