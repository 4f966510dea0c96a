"""The user's own command line with settings in it, for the start on the next build.

The canonical arguments of a guest have stand-ins for its disks and networks and are for trials;
what an operator pastes must be what they wrote. A device is found in it by its id, else as the
same one of those of its type; one that no line of theirs makes is reached by type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from qcompat.guest.option import flatten, format_fields, parse_fields
from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.apply import edited_line
from qcompat.remedy.device_line import device_options, place_of_line
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import global_text, model_of, without_feature

Words = list[str]
_SPELLINGS = {"M": "machine"}


def start_line(
    arguments: Sequence[str], settings: Iterable[Setting], born: Portrait
) -> tuple[str, ...]:
    """`arguments`, as the user wrote them, with every setting in its place.

    `born` is the portrait of the guest that they make; it tells which line makes which device.
    """
    words = list(arguments)
    for setting in settings:
        _apply(setting, words, born)
    return tuple(words)


def _apply(setting: Setting, words: Words, born: Portrait) -> None:
    match setting.reach:
        case "device":
            _on_device(setting, words, born)
        case "type":
            _on_type(setting, words)
        case "cpu":
            _on_cpu(setting, words, born)
        case "machine":
            _on_machine(setting, words)
        case "argument":
            _on_argument(setting, words)


def _on_device(setting: Setting, words: Words, born: Portrait) -> None:
    device = next((each for each in born.devices if each.path == setting.path), None)
    place = _place(device, words, born) if device else None
    if place is None:
        _on_type(setting, words)
    else:
        words[place] = edited_line(words[place], setting, "")


def _place(device: Device, words: Words, born: Portrait) -> int | None:
    """Where the user's own line for the device stands."""
    line = place_of_line(born, device)
    if line is None:
        return None
    who = _who(born.guest.arguments[line])
    ours = [at for at, _ in device_options(born.guest.arguments) if _who_at(at, born) == who]
    theirs = [at for at in _values_of("device", words) if _who(words[at]) == who]
    return theirs[ours.index(line)] if len(ours) == len(theirs) and line in ours else None


def _who_at(place: int, born: Portrait) -> tuple[str, str]:
    return _who(born.guest.arguments[place])


def _who(value: str) -> tuple[str, str]:
    """The type and the id that a `-device` value gives."""
    is_json = value.startswith("{")
    fields = dict(flatten(json.loads(value)) if is_json else parse_fields(value, "driver"))
    return fields.get("driver", ""), fields.get("id", "")


def _on_type(setting: Setting, words: Words) -> None:
    start = global_text(setting.driver, setting.name, "")
    for place in reversed(_values_of("global", words)):
        if words[place].startswith(start):
            del words[place - 1 : place + 1]
    if not setting.removes:
        words += ["-global", global_text(setting.driver, setting.name, setting.value)]


def _on_cpu(setting: Setting, words: Words, born: Portrait) -> None:
    place = next(iter(_values_of("cpu", words)), None)
    text = without_feature(words[place] if place is not None else model_of(born), setting.name)
    text = text if setting.removes else f"{text},{setting.name}={setting.value}"
    if place is None:
        words += ["-cpu", text]
    else:
        words[place] = text


def _on_machine(setting: Setting, words: Words) -> None:
    places = _values_of("machine", words)
    for place in places:
        pairs = parse_fields(words[place], "type")
        kept = tuple(pair for pair in pairs if pair[0] != setting.name)
        words[place] = format_fields(kept, "type")
    if setting.removes:
        return
    if not places:
        words += ["-machine", f"{setting.name}={setting.value}"]
        return
    last = (*parse_fields(words[places[-1]], "type"), (setting.name, setting.value))
    words[places[-1]] = format_fields(last, "type")


def _on_argument(setting: Setting, words: Words) -> None:
    for place in reversed(_values_of(setting.driver.lstrip("-"), words)):
        if words[place] in (setting.instead_of, setting.value):
            del words[place - 1 : place + 1]
            break
    if not setting.removes:
        words += [setting.driver, *([setting.value] if setting.value else [])]


def _values_of(option: str, words: Sequence[str]) -> list[int]:
    """The places of all values of an option, in whatever spelling QEMU takes."""
    return [
        place + 1
        for place, word in enumerate(words[:-1])
        if word.startswith("-") and _spelled(word) == option
    ]


def _spelled(word: str) -> str:
    name = word[2:] if word.startswith("--") else word[1:]
    return _SPELLINGS.get(name, name)
