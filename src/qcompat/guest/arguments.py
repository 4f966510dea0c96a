"""A guest from QEMU arguments: `parse` reads them, replaces backends, and puts them in order.

`command_line` takes the arguments apart, `sugar` writes short forms out and carries out `-set`,
what concerns the host is dropped, each kind of `stand_ins` replaces its backends, and the rest is
written in the canonical order of `known_options`. Two command lines that make the same guest give
the same arguments; `parse(guest.arguments)` gives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from qcompat.errors import GuestError
from qcompat.guest import command_line, sugar
from qcompat.guest.accelerator import accelerators
from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.known_options import find, known_options
from qcompat.guest.option import Option, format_fields, format_json
from qcompat.guest.program import architecture_in
from qcompat.guest.stand_ins import (
    audio,
    character,
    devices,
    firmware,
    machine,
    memory,
    network,
    objects,
    processes,
    sized,
    storage,
)
from qcompat.guest.stand_ins.blockers import find_blockers
from qcompat.guest.stand_ins.replaced import Replaced
from qcompat.guest.sugar import apply_settings

Stage = Callable[[Sequence[Option]], Replaced]
_STAGES: tuple[Stage, ...] = (
    sized.replace,
    machine.replace,
    processes.replace,
    devices.replace,
    memory.replace,
    objects.replace,
    firmware.replace,
    network.replace,
    audio.replace,
    storage.replace,
    character.replace,
)


def parse(arguments: Sequence[str]) -> Guest:
    """The guest that QEMU arguments describe, with stand-ins for its backends.

    Takes any command line of QEMU from 5.2 to 11.1, with or without the emulator in front, but no
    configuration files: `given.line` reads those. Opens nothing that the arguments name. Raises
    GuestError with all problems of the arguments together.
    """
    return guest_from(command_line.read(arguments), arguments)


def guest_from(given: Iterable[Option], arguments: Sequence[str]) -> Guest:
    """The guest of the options that were read from a command line, as `parse`."""
    given = tuple(given)
    options = apply_settings(sugar.expand(given))
    _refuse_files(options)
    options = machine.with_type(options, architecture_in(arguments))
    uncovered, blockers = list(_left_out(options)), tuple(find_blockers(options))
    options = tuple(option for option in options if _stays(option))
    for stage in _STAGES:
        replaced = stage(options)
        options, uncovered = replaced.options, uncovered + list(replaced.uncovered)
    ordered = _ordered(options)
    return Guest(
        machine=next(o.get("type") for o in ordered if o.name == "machine"),
        arguments=words_of(ordered),
        uncovered=tuple(dict.fromkeys((*uncovered, *blockers))),
        network_namespace=network.needs_taps(ordered),
        accelerators=accelerators(given),
    )


def changed(guest: Guest, arguments: Sequence[str]) -> Guest:
    """The guest with other canonical arguments; what was left out of it stays left out.

    Raises GuestError as `parse`.
    """
    made = parse(arguments)
    return msgspec.structs.replace(
        made,
        uncovered=tuple(dict.fromkeys((*guest.uncovered, *made.uncovered))),
        network_namespace=guest.network_namespace or made.network_namespace,
        accelerators=guest.accelerators,
        own=guest.own,
    )


def _refuse_files(options: Iterable[Option]) -> None:
    for option in options:
        if option.name == "readconfig":
            raise GuestError(
                f"{option.written}: the file is not read here", "give its contents as arguments"
            )


def words_of(options: Iterable[Option]) -> tuple[str, ...]:
    """The options as arguments again, in the order given."""
    return tuple(word for option in options for word in _words(option))


def _stays(option: Option) -> bool:
    return option.name == "xen-emulation" or find(option.name)[1].fate in {"guest", "backend"}


def _left_out(options: Iterable[Option]) -> Iterable[Uncovered]:
    for option in options:
        entry = find(option.name)[1] if option.name in known_options() else None
        if entry and entry.reason and option.text.rstrip("/") not in entry.usual:
            yield Uncovered(option.written, entry.reason, entry.loses)


def _ordered(options: Sequence[Option]) -> tuple[Option, ...]:
    ordered: list[Option] = []
    for name, word in known_options().items():
        same = [option for option in options if option.name == name]
        if same and word.merges == "last":
            same = same[-1:]
        elif same and word.merges:
            same = [_merged(same)]
        ordered += [o for o in same if o.pairs or o.text or word.takes == "nothing"]
    return tuple(ordered)


def _merged(options: Sequence[Option]) -> Option:
    """Repeats as one, as QEMU merges them: each key once, the last value counts."""
    fields = {key: value for option in options for key, value in option.pairs}
    return options[0].having(tuple(fields.items()))


def _words(option: Option) -> Iterable[str]:
    word = known_options()[option.name]
    yield f"-{option.name}"
    if option.json:
        yield format_json(option)
    elif word.takes == "fields":
        yield format_fields(option.pairs, word.implied)
    elif word.takes == "text":
        yield option.text
