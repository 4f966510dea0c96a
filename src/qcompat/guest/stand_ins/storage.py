"""Disks: `-drive` and `-blockdev` graphs become `null-co` nodes of the same name and size.

The guest does not see caches, filters and formats; it sees a drive's size, whether it is
read-only, and whether its write cache is off, so these stay. `image` finds the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option, Pairs
from qcompat.guest.stand_ins.image import NULL_DRIVERS, Image, find_image
from qcompat.guest.stand_ins.replaced import Replaced, each, values

# Every build from 5.2 on refuses the last six, and shall refuse them here too.
_DRIVE_KEYS = ("if", "id", "index", "bus", "unit", "media")
_REFUSED_KEYS = ("serial", "addr", "cyls", "heads", "secs", "trans")
_ON = frozenset({"on", "yes", "true", "y"})
_OFF = frozenset({"off", "no", "false", "n"})


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for every drive, and for every block node that the guest refers to."""
    nodes = {o.get("node-name"): o.pairs for o in options if o.name == "blockdev"}
    wanted = values(options, "blockdev", "chardev")
    flash = frozenset(v for o in options for k, v in o.pairs if k.startswith("pflash"))

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "drive":
            return _drive(option)
        if option.name == "blockdev":
            name = option.get("node-name")
            usage = "pflash" if name in flash else "none"
            return _blockdev(option, nodes, usage) if name in wanted else ()
        return (option,)

    return each(options, change)


def _blockdev(
    option: Option, nodes: Mapping[str, Pairs], usage: str
) -> Iterable[Option | Uncovered]:
    image = find_image(option.pairs, nodes, usage)
    yield option.having(
        (
            ("driver", "null-co"),
            ("node-name", option.get("node-name")),
            ("size", str(image.size)),
            ("read-zeroes", "on"),
            *_read_only(option),
        )
    )
    yield from _unknown_size(option, image)


def _drive(option: Option) -> Iterable[Option | Uncovered]:
    kept = option.only(*_DRIVE_KEYS, *_REFUSED_KEYS).pairs + _read_only(option) + _cache(option)
    if _is_empty(option):
        yield option.having(kept)
        return
    image = find_image(_node(option), {}, _usage(option))
    yield option.having(
        (
            *kept,
            ("format", "raw"),
            ("file.driver", "null-co"),
            ("file.size", str(image.size)),
            ("file.read-zeroes", "on"),
        )
    )
    yield from _unknown_size(option, image)


def _unknown_size(option: Option, image: Image) -> Iterable[Uncovered]:
    if image.unknown:
        reason = f"{image.unknown}; its size is taken as {image.size} bytes"
        what = f"the size of the image is not known: {reason}"
        yield Uncovered(option.written, what, "nothing", assumes_size=True)


def _node(option: Option) -> Pairs:
    """A drive as a block node: `format` is its driver, `file` the name of a local file."""
    fields = dict(option.pairs)
    driver = fields.pop("format", "") or fields.pop("driver", "")
    if filename := fields.pop("file", ""):
        fields |= {"file.driver": "file", "file.filename": filename}
    return (("driver", driver), *((k, v) for k, v in fields.items() if k != "driver"))


def _usage(option: Option) -> str:
    if option.get("if") == "pflash" and option.get("unit") == "1":
        return "variables"
    return "cdrom" if option.get("media") == "cdrom" else option.get("if", "none")


def _is_empty(option: Option) -> bool:
    """A drive without a medium, such as an empty CD-ROM drive."""
    inline = any(key.startswith("file.") for key, _ in option.pairs)
    driver = option.get("driver") or option.get("format")
    return not option.get("file") and not inline and driver not in NULL_DRIVERS


def _read_only(option: Option) -> Pairs:
    on = _ON & {option.get("read-only"), option.get("readonly")}
    return (("read-only", "on"),) if on else ()


def _cache(option: Option) -> Pairs:
    """The write cache, the part of `cache` that the guest sees. Source: blockdev.c, 5.2 to 10.0."""
    off = option.get("cache") in {"writethrough", "directsync"}
    if option.get("cache.writeback", "off" if off else "on") in _OFF:
        return (("cache.writeback", "off"),)
    return ()
