"""One option of a QEMU command line, and QEMU's spellings: `key=value,…`, JSON, sizes.

Here is the syntax alone. Which options exist is `known_options`, what is done with them
`arguments` and `stand_ins`. The text form follows `util/qemu-option.c` and `util/keyval.c`
(5.2 to 11.1): fields end at a single comma, two commas are one comma of the value, a first
field without `=` is the value of the implied key, a later one is a switch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import msgspec

Pairs = tuple[tuple[str, str], ...]

_UNITS: dict[str, int] = {unit: 1 << 10 * power for power, unit in enumerate("BKMGTPE")}
_SIZE = re.compile(r"(0x[0-9a-f]+|\d+(?:\.\d*)?)([bkmgtpe]?)", re.IGNORECASE)
_MOST_DIGITS = 30
"""More than any size has; longer ones are not worth a conversion."""


class Option(msgspec.Struct, frozen=True):
    """An option with what belongs to it.

    `pairs` are the fields of a `key=value` option in the order given (a key may repeat),
    nested JSON flattened to `a.b` and `a.0`; `text` is the value of any other option.
    `written` is the option as the user put it. `json` is the JSON text where it holds lists
    or objects that the `key=value` form of `-device` cannot say, else empty.
    """

    name: str
    pairs: Pairs = ()
    text: str = ""
    written: str = ""
    json: str = ""

    def get(self, key: str, default: str = "") -> str:
        """The last value of a key, as QEMU takes it."""
        return next((value for name, value in reversed(self.pairs) if name == key), default)

    def has(self, key: str) -> bool:
        return any(name == key for name, _ in self.pairs)

    def without(self, *keys: str) -> Option:
        return self.having(tuple(pair for pair in self.pairs if pair[0] not in keys))

    def only(self, *keys: str) -> Option:
        """The option with those keys alone, in the order given here."""
        return self.having(tuple((key, self.get(key)) for key in keys if self.has(key)))

    def adding(self, *pairs: tuple[str, str]) -> Option:
        return self.having(self.pairs + pairs)

    def changing(self, key: str, value: str) -> Option:
        """The option with another value of a key that it has, in its place; in its JSON too."""
        pairs = tuple((name, value if name == key else old) for name, old in self.pairs)
        text = json.dumps(json.loads(self.json) | {key: value}) if self.json else ""
        return msgspec.structs.replace(self, pairs=pairs, json=text)

    def having(self, pairs: Pairs) -> Option:
        return msgspec.structs.replace(self, pairs=pairs)


def parse_fields(text: str, implied: str = "") -> Pairs:
    """`virtio-blk-pci,drive=d,,x` → (driver, virtio-blk-pci), (drive, `d,x`)."""
    fields = _split(text)
    return tuple(
        _field(field, implied if index == 0 else "") for index, field in enumerate(fields) if field
    )


def _split(text: str) -> list[str]:
    fields, rest = [""], text
    while rest:
        head, comma, rest = rest.partition(",")
        fields[-1] += head
        if comma and rest.startswith(","):
            fields[-1] += ","
            rest = rest[1:]
        elif comma:
            fields.append("")
    return fields


def _field(field: str, implied: str) -> tuple[str, str]:
    key, equals, value = field.partition("=")
    if equals:
        return key, value
    if implied:
        return implied, field
    return (field[2:], "off") if field.startswith("no") and len(field) > 2 else (field, "on")


def format_fields(pairs: Pairs, implied: str = "") -> str:
    """The inverse of `parse_fields`; the implied key comes first and unnamed where it can."""
    first = [pair for pair in pairs if pair[0] == implied][-1:]
    if first:
        pairs = (*first, *(pair for pair in pairs if pair[0] != implied))
    return ",".join(_spell(pair, implied) for pair in pairs)


def _spell(pair: tuple[str, str], implied: str) -> str:
    key, value = pair[0], pair[1].replace(",", ",,")
    if key == implied and value and not {"=", ","} & set(value):
        return value
    return f"{key}={value}"


def flatten(value: object, prefix: str = "") -> Iterable[tuple[str, str]]:
    """JSON as dotted pairs: `{"file": {"driver": "raw"}}` → (file.driver, raw)."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{prefix}.{index}")
    elif value is not None:
        yield prefix, _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def format_json(option: Option) -> str:
    """The JSON form again, with the types it was written in, less the keys that were taken out."""
    kept = {key.split(".")[0] for key, _ in option.pairs}
    given = json.loads(option.json)
    added = {key: value for key, value in option.pairs if key.split(".")[0] not in given}
    return json.dumps({k: v for k, v in given.items() if k in kept} | added, separators=(",", ":"))


def parse_size(text: str, unit: str = "B") -> int | None:
    """Bytes of `4G`, `512`, `0x1000`, `1.5M` (util/cutils.c, do_strtosz). None: not a size.

    A number without a suffix counts in `unit`; the step is 1024.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or len(match[1]) > _MOST_DIGITS:
        return None
    number, suffix = match.groups()
    scale = _UNITS[(suffix or unit).upper()]
    if number.lower().startswith("0x"):
        return int(number, 16) * scale
    return int(float(number) * scale) if "." in number else int(number) * scale


def format_size(size: int) -> str:
    """The shortest spelling: 4 GiB is `4G`, not `4096M`."""
    for unit in "EPTGMK":
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return f"{size}B"
