"""Settings in their places in a guest's arguments.

A device's properties go into its own `-device` line, since a compat entry for a virtio proxy
beats `-global` for the device inside it; only what has no line of its own is reached by type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import msgspec

from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.guest.option import Pairs, format_fields, parse_fields
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.device_line import place_of_line
from qcompat.remedy.offers import Offers
from qcompat.remedy.places import OFF_TREE
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import global_text, model_of, without_feature

Words = list[str]
_NUMBERS = ("uint", "int", "size")


def with_settings(
    guest: Guest, settings: Iterable[Setting], portrait: Portrait, offers: Offers
) -> Guest:
    """The guest with the settings; `portrait` tells which line makes which device.

    Errors: GuestError where the arguments make no guest any more.
    """
    words, added = list(guest.arguments), Words()
    for setting in sorted(settings, key=lambda each: each.reach != "argument"):
        _apply(setting, words, added, portrait, offers)
    made = parse([word for word in (*words, *added) if word != _GONE])
    return msgspec.structs.replace(
        made,
        uncovered=guest.uncovered,
        network_namespace=guest.network_namespace or made.network_namespace,
    )


_GONE = "\0"
"""Stands where a word was, so that the places of the others stay."""


def _apply(
    setting: Setting, words: Words, added: Words, portrait: Portrait, offers: Offers
) -> None:
    if setting.reach == "device":
        _on_device(setting, words, added, portrait, offers)
    elif setting.reach == "type":
        _on_type(setting, words, added)
    elif setting.reach == "cpu":
        _on_cpu(setting, words, added, portrait)
    elif setting.reach == "machine":
        _on_machine(setting, words, added)
    else:
        _on_argument(setting, words, added)


def _on_device(
    setting: Setting, words: Words, added: Words, portrait: Portrait, offers: Offers
) -> None:
    place = _line_of(setting, portrait)
    if place is None:
        _on_type(setting, words, added)
    elif words[place] != _GONE:
        kind = offers.kind(setting.driver, setting.name)
        words[place] = edited_line(words[place], setting, kind)


def _line_of(setting: Setting, portrait: Portrait) -> int | None:
    """The place of the device's line; one that the tree does not show is named by that place."""
    if setting.path.startswith(OFF_TREE):
        return int(setting.path.removeprefix(OFF_TREE))
    device = next((d for d in portrait.devices if d.path == setting.path), None)
    return place_of_line(portrait, device) if device else None


def edited_line(line: str, setting: Setting, kind: str) -> str:
    """A `-device` value with the setting, in the form it had (JSON, or key=value)."""
    if line.startswith("{"):
        given = json.loads(line)
        given.pop(setting.name, None)
        if not setting.removes:
            given[setting.name] = typed(setting.value, kind)
        return json.dumps(given, separators=(",", ":"))
    return format_fields(_edited(parse_fields(line, "driver"), setting), "driver")


def typed(value: str, kind: str) -> str | int | bool:
    """The value as JSON wants it: switches as booleans, numbers as numbers."""
    if kind in ("bool", "boolean") or (not kind and value in ("on", "off")):
        return value == "on"
    looks_like_one = value.removeprefix("-").isdigit()
    return int(value) if looks_like_one and (not kind or kind.startswith(_NUMBERS)) else value


def _edited(pairs: Pairs, setting: Setting) -> Pairs:
    kept = tuple(pair for pair in pairs if pair[0] != setting.name)
    return kept if setting.removes else (*kept, (setting.name, setting.value))


def _on_type(setting: Setting, words: Words, added: Words) -> None:
    for place in _values_of("-global", words):
        if words[place].startswith(global_text(setting.driver, setting.name, "")):
            words[place - 1 : place + 1] = [_GONE, _GONE]
    if not setting.removes:
        added += ["-global", global_text(setting.driver, setting.name, setting.value)]


def _on_cpu(setting: Setting, words: Words, added: Words, portrait: Portrait) -> None:
    place = next(iter(_values_of("-cpu", words)), None)
    text = words[place] if place is not None else model_of(portrait)
    text = without_feature(text, setting.name)
    text = text if setting.removes else f"{text},{setting.name}={setting.value}"
    if place is not None:
        words[place] = text
    elif "-cpu" in added:
        added[added.index("-cpu") + 1] += f",{setting.name}={setting.value}"
    else:
        added += ["-cpu", text]


def _on_machine(setting: Setting, words: Words, added: Words) -> None:
    place = next(iter(_values_of("-machine", words)), None)
    if place is None:
        added += ["-machine", f"{setting.name}={setting.value}"]
    else:
        words[place] = format_fields(_edited(parse_fields(words[place], "type"), setting), "type")


def _on_argument(setting: Setting, words: Words, added: Words) -> None:
    old = setting.value if setting.removes else setting.instead_of
    place = next((at for at in _places_of(setting.driver, words) if _given(at, words) == old), None)
    new = [] if setting.removes else [setting.driver, *([setting.value] if setting.value else [])]
    if place is None:
        added += new
        return
    length = 2 if old else 1
    words[place : place + length] = [*new, *[_GONE] * (length - len(new))][:length]
    added += new[length:]


def _given(place: int, words: Sequence[str]) -> str:
    """The value that the option there has; empty for one that has none."""
    value = words[place + 1] if place + 1 < len(words) else "-"
    return "" if value.startswith("-") else value


def _places_of(option: str, words: Sequence[str]) -> list[int]:
    return [place for place, word in enumerate(words) if word == option]


def _values_of(option: str, words: Sequence[str]) -> list[int]:
    return [place + 1 for place in _places_of(option, words) if place + 1 < len(words)]
