"""Opening and closing the forms of a guest, so that their contents can be made odd."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import yaml
from defusedxml.ElementTree import fromstring

from qcompat.guest.given.domain.document import QEMU


def xml(data: bytes) -> Any:
    """XML as a tree that can be made odd."""

    def tree(element: Element) -> Any:
        children = [tree(each) for each in element]
        name = element.tag.replace(QEMU, "qemu:")
        return [name, dict(element.attrib), (element.text or "").strip(), children]

    root = tree(fromstring(data))
    root[1]["xmlns:qemu"] = QEMU.strip("{}")
    return root


def xml_again(tree: Any) -> bytes:
    """The tree as XML again, as far as it is still a tree."""
    if not isinstance(tree, list) or len(tree) != 4 or not isinstance(tree[1], dict):
        return escape(str(tree)).encode(errors="replace")
    tag, attributes, text, children = tree
    said = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    inner = [xml_again(each) for each in children] if isinstance(children, list) else []
    head = f"<{tag}{said}>{escape(str(text))}".encode(errors="replace")
    return b"".join((head, *inner, f"</{tag}>".encode(errors="replace")))


def keys(data: bytes) -> list[list[Any]]:
    """Lines `key: a,b=c` as keys and the parts of their values."""
    lines = (line.partition(": ") for line in data.decode().splitlines())
    return [[key, value.split(",")] for key, _, value in lines]


def keys_again(tree: Any) -> bytes:
    """The lines again, as far as the tree still has that shape."""
    lines = []
    for each in tree if isinstance(tree, list) else [tree]:
        key, value = each if isinstance(each, list) and len(each) == 2 else (each, "")
        parts = map(str, value) if isinstance(value, list) else (str(value),)
        lines.append(f"{key}: {','.join(parts)}" if value else str(key))
    return "\n".join(lines).encode(errors="replace")


def tree(data: bytes) -> Any:
    """A document in YAML."""
    return yaml.safe_load(data)


def tree_again(made: Any) -> bytes:
    """The document again, in YAML."""
    return yaml.safe_dump(made, allow_unicode=True).encode(errors="replace")
