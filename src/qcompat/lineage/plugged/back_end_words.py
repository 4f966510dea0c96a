"""The options of back ends that came with plugged devices, as far as QEMU tells them.

What it does not tell is named; then the option makes a back end of the kind that it was, or one
that goes nowhere, so that the line starts and the guest's side of it is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.option import format_fields, parse_fields
from qcompat.lineage.plugged.device_words import spelt
from qcompat.lineage.plugged.disk_words import disk_words
from qcompat.portrait.portrait import Gap
from qcompat.portrait.running.observed import BackEnds, Peripheral, Value
from qcompat.remedy.options import Options

Words = Iterator[tuple[str, str] | Gap]
"""Options with their values, and what is not known of them."""
_OBJECTS = ("memdev", "rng", "cryptodev", "iothread")
_OPTIONS = (
    "netdev",
    "nic",
    "blockdev",
    "drive",
    "chardev",
    "object",
    "audiodev",
    "fsdev",
    "tpmdev",
)


class _Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    always: tuple[str, ...] = ()
    usual: Mapping[str, Value] = {}


@cache
def _kinds() -> Mapping[str, _Kind]:
    return read_table("qcompat.lineage.plugged", "back_ends.toml", dict[str, _Kind])


def add_back_ends(options: Options, came: Sequence[Peripheral], there: BackEnds) -> Iterator[Gap]:
    """Put the back ends of what came on the line, but those that are on it; yields what lacks."""
    for device in came:
        for name, id_ in device.backends.items():
            if id_ in _known(options):
                continue
            for each in _words(name, id_, there):
                if isinstance(each, Gap):
                    yield each
                elif not {value for key, value in _parsed(each) if key in _IDS} & _known(options):
                    options.add(f"-{each[0]}", each[1])


_IDS = ("id", "node-name")


def _known(options: Options) -> set[str]:
    read = [each.read() for name in _OPTIONS for each in options.named(name)]
    return {made.get(key) for made in read for key in _IDS} - {""}


def _parsed(words: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    (option,) = Options((f"-{words[0]}", words[1])).all()
    return option.read().pairs


def _words(name: str, id_: str, there: BackEnds) -> Words:
    if name == "drive":
        yield from disk_words(id_, there.nodes)
    elif name == "netdev":
        yield from _network(id_, there.networks.get(id_, ()))
    elif name == "chardev":
        yield from _character(id_, there.characters.get(id_, ""))
    elif name in _OBJECTS:
        yield from _object(id_, there)
    else:
        yield Gap(f"-{name} {id_}", "QEMU does not tell what it is: add its option by hand")


def _network(id_: str, told: tuple[str, ...]) -> Words:
    fields = dict(parse_fields(told[0], "type")) if told else {}
    kind, kept = fields.get("type", ""), {"id": id_}
    if kind == "tap" and "ifname" in fields:
        kept |= {
            name: fields[name] for name in ("ifname", "script", "downscript") if name in fields
        }
    if kind not in ("user", "tap", "hubport"):
        yield "netdev", format_fields((("type", "hubport"), ("id", id_), ("hubid", "99")), "type")
        said = f"was {told[0]}" if told else "is not told"
        yield Gap(f"-netdev {id_}", f"its back end {said}; a hub stands in: write it by hand")
        return
    if kind == "tap" and len(told) > 1:
        kept["queues"] = str(len(told))
    if kind == "hubport":
        kept["hubid"] = fields.get("hubid", "99")
    yield "netdev", format_fields((("type", kind), *kept.items()), "type")
    lacks = {"user": "addresses and forwarded ports", "tap": "vhost, descriptors and scripts"}
    if kind in lacks:
        yield Gap(f"-netdev {id_}", f"QEMU does not tell all of it: check {lacks[kind]}")


def _character(id_: str, told: str) -> Words:
    kind, _, rest = told.removeprefix("disconnected:").partition(":")
    where = rest.partition(" <-> ")[0].partition(",server")[0]
    is_server = ",server" in rest
    serves = (("server", "on"), ("wait", "off")) if is_server else ()
    if kind == "unix" and where:
        yield "chardev", _fields("socket", id_, ("path", where), *serves)
    elif kind == "tcp" and where:
        host, _, port = where.rpartition(":")
        yield "chardev", _fields("socket", id_, ("host", host.strip("[]")), ("port", port), *serves)
    elif kind in ("null", "pty", "ringbuf", "spicevmc"):
        yield "chardev", _fields(kind, id_)
    else:
        yield "chardev", _fields("null", id_)
        said = f"of the kind {kind}" if kind else "is not told"
        yield Gap(f"-chardev {id_}", f"its back end is {said}; null stands in: write it by hand")


def _fields(kind: str, id_: str, *more: tuple[str, str]) -> str:
    return format_fields((("backend", kind), ("id", id_), *more), "backend")


def _object(id_: str, there: BackEnds) -> Words:
    own = there.objects.get(id_, {})
    type_ = str(own.get("qom-type", ""))
    kind = _kinds().get(type_)
    if kind is None:
        said = f"of the type {type_}" if type_ else "not there any more"
        yield Gap(f"-object {id_}", f"it is {said}, and not known here: add it by hand")
        return
    chardev = str(own.get("chardev", ""))
    if chardev in there.characters:
        yield from _character(chardev, there.characters[chardev])
    kept = [(name, own[name]) for name in kind.always if name in own]
    kept += [
        (name, own[name]) for name, usual in kind.usual.items() if own.get(name, usual) != usual
    ]
    pairs = (("qom-type", type_), ("id", id_), *((name, spelt(value)) for name, value in kept))
    yield "object", format_fields(pairs, "qom-type")
    if own.get("policy", "default") != "default":
        yield Gap(f"-object {id_}", f"its policy is {own['policy']}: add it and its host-nodes")
