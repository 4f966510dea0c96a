"""Options that a build refuses, written as it has them: the table is `gone.toml`.

Here a line is changed; which of its options a build refuses is asked by `builds.learn.parse_line`.
What the guest sees stays the same; what no option can say any more is named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from qcompat.guest.arguments import words_of
from qcompat.guest.known_options import find
from qcompat.guest.option import Option, Pairs, format_fields, parse_fields
from qcompat.remedy.gone_entries import Entry, entries, scaled
from qcompat.remedy.options import Options, Written

Done = tuple[tuple[str, ...], str]
"""The words that stand for an option now, and what has to be done besides."""
_PLACE = re.compile(r"{(\w+)}")
_PARAMETER = re.compile(r"(?:Invalid parameter '(.+?)'|Parameter '(.+?)' is unexpected)")
_VALUE = re.compile(r"Parameter '.+?' does not accept value '(.+?)'")
_IMPLIED = {"display": "type", "vnc": "vnc"}
"""Keys of a first field, of options that the guest's reader takes as text."""


class Refused(msgspec.Struct, frozen=True):
    """What a build said to an option: the whole of it, one `parameter`, or the `value` of one."""

    message: str
    parameter: str = ""
    value: str = ""


def refused_in(message: str) -> Refused:
    """What a build's message refuses."""
    if found := _VALUE.search(message):
        return Refused(message, value=found[1])
    if found := _PARAMETER.search(message):
        return Refused(message, parameter=found[1] or found[2])
    return Refused(message)


class Change(msgspec.Struct, frozen=True):
    """The words of an option, and those that stand for it on a build: none, if it is left out.

    `note` says what has to be done besides, or what is lost.
    """

    given: tuple[str, ...]
    words: tuple[str, ...] = ()
    note: str = ""


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each option of the user's with what became of it in the end."""
    found: list[Change] = []
    for change in changes:
        for place, earlier in enumerate(found):
            if (at := _find(change.given, earlier.words)) is not None:
                end = at + len(change.given)
                words = (*earlier.words[:at], *change.words, *earlier.words[end:])
                notes = dict.fromkeys(note for note in (earlier.note, change.note) if note)
                found[place] = Change(earlier.given, words, "; ".join(notes))
                break
        else:
            found.append(change)
    return tuple(found)


def _find(words: tuple[str, ...], within: tuple[str, ...]) -> int | None:
    """Where these words begin; none are nowhere."""
    if not words:
        return None
    places = range(len(within) - len(words) + 1)
    return next((n for n in places if within[n : n + len(words)] == words), None)


def advice(option: Written, refused: Refused) -> str:
    """What the user has to do about an option that nothing replaces; empty: it is not known."""
    fields = dict(_fields(option))
    return next((e.note for e in _about(option, refused, fields) if e.stays), "")


def translate(
    options: Options, option: Written, refused: Refused, lacking: Collection[str] = ()
) -> Change | None:
    """Write a refused option as the build has it; None where the table does not know how.

    `lacking` are the options that the build was found not to have.
    """
    given = option.words
    fields = dict(_fields(option))
    found = (e for e in _about(option, refused, fields) if not e.stays and _is_whole(e, fields))
    entries = [each for e in found if (each := _with_what_is_there(e, lacking))]
    if not entries and not _is_short(option):
        return None
    if any(entry.parameter for entry in entries):
        done = [_parameter(options, option, entry) for entry in entries]
        done += [(option.words, "")] if option in options.all() else []
    elif refused.value:
        done = [_kind_of(options, option, entries[0])] if entries else []
    else:
        done = [_whole(options, option, entries[0] if entries else Entry(option.name))]
    words = tuple(word for texts, _ in done for word in texts)
    return Change(given, words, "; ".join(note for _, note in done if note))


def _about(option: Written, refused: Refused, fields: Mapping[str, str]) -> Iterator[Entry]:
    for entry in entries():
        if entry.option != option.name or (refused.parameter not in ("", entry.parameter)):
            continue
        if entry.parameter:
            given = fields.get(entry.parameter)
            if not refused.value and given is not None and entry.value in ("", given):
                yield entry
        elif entry.value == refused.value:
            yield entry


def _is_whole(entry: Entry, fields: Mapping[str, str]) -> bool:
    """Whether the option has all keys whose values go into other words."""
    wanted = {key for text in entry.becomes for key in _PLACE.findall(text)}
    return (
        wanted <= {*fields, "value"} and scaled(entry, fields.get(entry.parameter, "")) is not None
    )


def _with_what_is_there(entry: Entry, lacking: Collection[str]) -> Entry | None:
    """The entry, without words that the build does not have; None where nothing is left of it."""
    if not any(word.startswith("-") and word[1:] in lacking for word in entry.becomes):
        return entry
    return msgspec.structs.replace(entry, becomes=(), note=entry.lost) if entry.lost else None


def _is_short(option: Written) -> bool:
    return bool(option.name) and find(option.name)[1].fate == "sugar"


def _fields(option: Written) -> Pairs:
    return parse_fields(option.value, _implied(option)) if option.value else ()


def _implied(option: Written) -> str:
    return _IMPLIED.get(option.name) or find(option.name)[1].implied


def _kind(option: Written) -> str:
    return dict(_fields(option)).get(_implied(option), "")


def _filled(texts: Iterable[str], value: str, fields: Pairs) -> tuple[str, ...]:
    """The words of an entry; a value inside of others has its commas doubled."""
    inside = {key: text.replace(",", ",,") for key, text in (*fields, ("value", value))}
    return tuple(value if text == "{value}" else text.format_map(inside) for text in texts)


def _whole(options: Options, option: Written, entry: Entry) -> Done:
    """The option is gone: another takes its place, or joins one that the line has."""
    if entry.joins:
        return _join(options, option, entry)
    if _is_short(option):
        words = words_of(_made(option))
        options.replace(option, words)
        return words, entry.note
    words = _filled(entry.becomes, option.value, _fields(option))
    options.replace(option, words)
    return words, entry.note


def _made(option: Written) -> Iterator[Option]:
    """What a short form stands for; with the driver that `-audio` names, not a stand-in."""
    for made in option.makes():
        if (option.name, made.name) == ("audio", "audiodev"):
            own = option.read().without("model", "id")
            yield made.having((*own.pairs, ("id", made.get("id"))))
        else:
            yield made


def _join(options: Options, option: Written, entry: Entry) -> Done:
    found = [each for each in options.named(entry.joins) if _kind(each) in entry.kinds]
    if found:
        (added,) = _filled((entry.adds,), option.value, ())
        found[-1].value += f",{added}"
        options.drop(option)
        return found[-1].words, ""
    if entry.joins == "accel" and _names_accelerator(options):
        options.drop(option)
        return (), f"only TCG has it, as in -accel tcg,{entry.adds.format(value=option.value)}"
    words = _filled(entry.becomes, option.value, ())
    options.replace(option, words)
    return words, entry.note


def _names_accelerator(options: Options) -> bool:
    machines = (dict(_fields(each)) for each in options.named("machine"))
    return bool(options.named("accel") or options.named("enable-kvm")) or any(
        "accel" in fields for fields in machines
    )


def _kind_of(options: Options, option: Written, entry: Entry) -> Done:
    """The kind that the option names is gone: it is called otherwise, or is another option."""
    fields, implied = _fields(option), _implied(option)
    if entry.rename:
        renamed = ((key, entry.rename if key == implied else value) for key, value in fields)
        option.value = format_fields(tuple(renamed), implied)
        return option.words, entry.note
    words = _filled(entry.becomes, option.value, fields)
    options.replace(option, words)
    return words, entry.note


def _parameter(options: Options, option: Written, entry: Entry) -> Done:
    """One parameter is gone: it gets another name, or words of its own before the option."""
    fields = _fields(option)
    value = dict(fields)[entry.parameter]
    kept = tuple(pair for pair in fields if pair[0] != entry.parameter)
    words = () if _is_off(entry, value) else _filled(entry.becomes, value, fields)
    if entry.rename and not _is_off(entry, value):
        kept += ((entry.rename, entry.adds or scaled(entry, value) or ""),)
    if kept:
        option.value = format_fields(kept, _implied(option))
        options.add_before(option, words)
        return words, entry.note
    options.replace(option, words)
    return words, entry.note


def _is_off(entry: Entry, value: str) -> bool:
    """Whether a switch was given as off, for which nothing has to stand."""
    is_switch = bool(entry.becomes or entry.adds) and "{value}" not in "".join(entry.becomes)
    return is_switch and value in ("off", "no", "false")
