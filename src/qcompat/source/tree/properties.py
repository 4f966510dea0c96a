"""Properties of a tree: what each element of an array of `Property` defines.

Macros of QEMU's own are known by where their name and their default stand; others are expanded
until such a one is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from qcompat.source.c_text import braced, named
from qcompat.source.facts import Item, PropertyArray
from qcompat.source.tree.files import Place
from qcompat.source.tree.names import Names

_DEPTH = 8
_NO_DEFAULT = re.compile(
    r"STRING|CHR|NETDEV|DRIVE|DRIVE_IOTHREAD|MACADDR|VLAN|LINK|TPMBE|AUDIODEV|BLOCKSIZE|"
    r"\w*NODEFAULT|PCI_HOST_DEVADDR|RESERVED_REGION|UINT64_CHECKMASK|CSS_DEV_ID(?:_RO)?|"
    r"S390_PCI_FID|CCW_LOADPARM|MEMORY_REGION|PTR|IOTHREAD_VQ_MAPPING_LIST|DISPLAY\w*"
)
_BOOLEAN = re.compile(r"BIT(?:64)?|BOOL|MIG_CAP")
_ENUMERATED = re.compile(r"([A-Z]\w*?)_([A-Z0-9]+)")
_SIGNED = re.compile(r"DEFINE_PROP_(?:INT(?:8|16|32|64)|SIGNED)|DEFINE_PROP_PCI_DEVFN")
_WIDTH = re.compile(r"DEFINE_PROP_(?:UINT|SIZE)(8|16|32|64)?\Z")


class Property(msgspec.Struct, frozen=True):
    """A property as a type defines it.

    `spelled` is the default as the source writes it, None where the source gives none;
    `default` its canonical form, None where it is no constant that could be followed.
    `field` is what it sets.
    """

    name: str
    kind: str
    spelled: str | None
    default: str | None
    field: str
    place: Place
    condition: str = ""


def resolve_array(array: PropertyArray, file: str, names: Names) -> Iterator[Property | Item]:
    """Each property; an element that could not be followed comes as it is."""
    for item in array.items:
        yield from _resolve(item, file, names, _DEPTH)


def _resolve(item: Item, file: str, names: Names, depth: int) -> Iterator[Property | Item]:
    if found := _known(item, file, names):
        yield found
        return
    inner = names.expand(item, file) if depth else None
    if inner is None:
        yield item
        return
    for each in inner:
        yield from _resolve(each, file, names, depth - 1)


def _known(item: Item, file: str, names: Names) -> Property | None:
    words = item.arguments
    if not item.macro and words[0].startswith("{"):
        return _braced(words[0], item, file, names)
    if not item.macro.startswith("DEFINE_PROP") or not words:
        return None
    name = names.text(words[0], file)
    if name is None:
        return None
    kind = item.macro.removeprefix("DEFINE_PROP").removeprefix("_")
    spelled = _spelled(kind, words)
    default = None if spelled is None else _canonical(kind, spelled, file, names)
    field = words[2] if len(words) > 2 else ""
    if kind.startswith("BIT") and len(words) > 3:
        field = f"{field}, {words[3]}"
    return Property(name, kind, spelled, default, field, Place(file, item.line), item.condition)


def _braced(text: str, item: Item, file: str, names: Names) -> Property | None:
    """An element that is written out: `{ .name = "busnr", .info = &prop_pci_busnr }`."""
    members = named(braced(text))
    name = names.text(members.get("name", ""), file)
    if name is None:
        return None
    return Property(name, "", None, None, "", Place(file, item.line), item.condition)


def _spelled(kind: str, words: tuple[str, ...]) -> str | None:
    """The argument that is the default."""
    if kind == "":  # DEFINE_PROP(name, state, field, info, type, .defval.u = …)
        for word in words[5:]:
            if match := re.match(r"\.defval\.\w+\s*=\s*(.*)", word):
                return match[1]
        return None
    if kind == "ARRAY":
        return "[]"
    if kind == "UUID":
        return "UUID_VALUE_AUTO"
    if kind == "MIG_CAP":
        return "false"
    if _NO_DEFAULT.fullmatch(kind):
        return None
    at = 4 if kind.startswith("BIT") and kind in ("BIT", "BIT64") else 3
    return words[at] if len(words) > at else None


def _canonical(kind: str, spelled: str, file: str, names: Names) -> str | None:
    """As `machine.value` writes values: `on`, `off`, decimal numbers, names of enumerations."""
    if spelled in ("UUID_VALUE_AUTO", "[]"):
        return {"[]": "[]"}.get(spelled, "auto")
    if _BOOLEAN.fullmatch(kind):
        number = names.number(spelled, file)
        return None if number is None else "on" if number else "off"
    if kind in ("SIGNED", "UNSIGNED") and (number := names.number(spelled, file)) is not None:
        return str(number)
    if _is_enumerated(kind):
        return _word(spelled, file, names)
    number = names.number(spelled, file)
    if number is None:
        return names.text(spelled, file)
    if kind == "PCI_DEVFN" or _SIGNED.match(f"DEFINE_PROP_{kind}"):
        return str(number)
    if number < 0:
        width = _WIDTH.match(f"DEFINE_PROP_{kind}")
        return str(number % (1 << int((width[1] if width else None) or 64)))
    return str(number)


def _is_enumerated(kind: str) -> bool:
    return kind not in ("", "ARRAY", "DMAADDR") and not re.match(
        r"U?INT|SIZE|BOOL|BIT|PCI_DEVFN|PCIE_LINK", kind
    )


def _word(spelled: str, file: str, names: Names) -> str | None:
    """`BLOCKDEV_ON_ERROR_AUTO` is `auto`: the enumeration is often made when QEMU is built."""
    for _ in range(_DEPTH):
        below = names.define(spelled, file) if spelled.isidentifier() else None
        if below is None or not re.fullmatch(r"[A-Z]\w*", below):
            break
        spelled = below
    match = _ENUMERATED.fullmatch(spelled)
    if match:
        return match[2].lower()
    number = names.number(spelled, file)
    return names.text(spelled, file) if number is None else str(number)
