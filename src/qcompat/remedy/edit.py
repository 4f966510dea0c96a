"""The one editor of command lines: it puts settings into a guest's words or into the user's own.

A guest's canonical words are for trials and have stand-ins for disks and networks; the user's own
are what an operator pastes. Both get a setting in the same way, so that both make the same guest:

    device    in the device's own `-device`, since a compat entry for a virtio proxy beats
              `-global` for the device inside it; by `-set` where a configuration file makes it,
              by type where nothing of the line does
    type      `-global`, at the end, where it beats those before it
    cpu       behind the model of the last `-cpu`, the one that counts
    machine   in the last `-machine`; QEMU merges several
    argument  a whole option

A property that was given before, in whatever spelling, is taken out first; so a removal is that
alone. So is a short form that gives it (`-no-hpet`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from qcompat.errors import GuestError
from qcompat.guest import command_line
from qcompat.guest.arguments import changed
from qcompat.guest.global_property import read_global
from qcompat.guest.guest import Guest
from qcompat.guest.known_options import find
from qcompat.guest.option import format_fields, parse_fields
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.device_line import device_options, place_of_line
from qcompat.remedy.options import Options, Written
from qcompat.remedy.places import OFF_TREE
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import (
    edited_value,
    model_of,
    option_words,
    without,
    without_feature,
)

_NOTHING_KNOWN = BuildProperties({})
_NOT_SHORT = ("machine", "accel", "usbdevice")
"""Options that give the machine a property but do more; `-usbdevice` wants USB in any case."""


def with_settings(
    guest: Guest, settings: Iterable[Setting], portrait: Portrait, properties: BuildProperties
) -> Guest:
    """The guest with the settings; `portrait` is of the guest without them.

    Errors: GuestError where the arguments make no guest any more.
    """
    return changed(guest, edit(guest.arguments, settings, portrait, properties))


def edit(
    words: Sequence[str],
    settings: Iterable[Setting],
    portrait: Portrait,
    properties: BuildProperties = _NOTHING_KNOWN,
) -> tuple[str, ...]:
    """The command line with every setting in its place.

    `words` are any command line of the guest that `portrait` shows, the canonical one or the
    user's own; the portrait tells which `-device` makes which device. `properties` has the types of
    properties for a `-device` in JSON, where the settings do not have them.

    Errors: GuestError for an option that QEMU does not have.
    """
    options = Options(words)
    wanted = sorted(settings, key=lambda each: each.reach != "argument")
    devices = _devices(options, wanted, portrait)
    for setting in wanted:
        if setting.reach == "device" and setting in devices:
            kind = setting.kind or properties.kind(setting.driver, setting.name)
            _on_device(options, devices[setting], setting, kind)
        elif setting.reach == "device" and (id_ := _id_in_file(options, setting, portrait)):
            _on_device_of_file(options, setting, id_)
        else:
            _ELSEWHERE[setting.reach](options, setting, portrait)
    return options.words()


def _devices(
    options: Options, settings: Sequence[Setting], portrait: Portrait
) -> Mapping[Setting, Written]:
    """The `-device` that makes each device; one that a short form makes has none."""
    makers = _makers(options, portrait)
    places = {each: _line_of(each, portrait) for each in settings if each.reach == "device"}
    return {each: makers[at] for each, at in places.items() if at is not None and at in makers}


def _line_of(setting: Setting, portrait: Portrait) -> int | None:
    """The place of the device's line; one that the tree does not show is named by that place."""
    if setting.path.startswith(OFF_TREE):
        return int(setting.path.removeprefix(OFF_TREE))
    device = next((d for d in portrait.devices if d.path == setting.path), None)
    return place_of_line(portrait, device) if device else None


def _makers(options: Options, portrait: Portrait) -> Mapping[int, Written]:
    """For the place of a `-device` value in the guest's words, the option that makes the device.

    Found by type and id; those of the same type and no id by the order in which QEMU makes them.
    """
    ours: dict[tuple[str, str], list[int]] = {}
    for place, fields in device_options(portrait.guest.arguments):
        given = dict(fields)
        ours.setdefault((given.get("driver", ""), given.get("id", "")), []).append(place)
    theirs: dict[tuple[str, str], list[Written]] = {}
    for option, made in options.devices():
        theirs.setdefault((made.get("driver"), made.get("id")), []).append(option)
    return {
        place: option
        for who, places in ours.items()
        if len(places) == len(theirs.get(who, ()))
        for place, option in zip(places, theirs[who], strict=True)
        if option.name == "device"
    }


def _on_device(options: Options, line: Written, setting: Setting, kind: str) -> None:
    """In the device's own line; what a `-set` gives the device is written there too."""
    start = f"device.{line.read().get('id')}."
    for later in [each for each in options.named("set") if each.value.startswith(start)]:
        name, _, value = later.value.removeprefix(start).partition("=")
        line.value = edited_value(line.value, Setting("", name, value), "driver")
        options.drop(later)
    line.value = edited_value(line.value, setting, "driver", kind)


def _id_in_file(options: Options, setting: Setting, portrait: Portrait) -> str:
    """The id of a device that no line makes, so that a configuration file of the line does."""
    at = _line_of(setting, portrait)
    fields = dict(device_options(portrait.guest.arguments)).get(at, ()) if at is not None else ()
    id_ = dict(fields).get("id", "")
    by_line = {made.get("id") for _, made in options.devices()}
    return id_ if options.named("readconfig") and id_ not in by_line else ""


def _on_device_of_file(options: Options, setting: Setting, id_: str) -> None:
    """By `-set`, which changes what a file says; the file itself stays as it is."""
    if setting.removes:
        raise GuestError(
            f"the target has no property {setting.name}, which a configuration file gives to {id_}",
            f'take {setting.name} out of [device "{id_}"] there, and ask again',
        )
    name = f"device.{id_}.{setting.name}"
    for each in options.named("set"):
        if each.value.partition("=")[0] == name:
            options.drop(each)
    options.add("-set", f"{name}={setting.value}")


def _on_type(options: Options, setting: Setting, _: Portrait) -> None:
    for each in options.named("global"):
        given = read_global(each.value)
        if (given.driver, given.name) == (setting.driver, setting.name):
            options.drop(each)
    if not setting.removes:
        options.add(*option_words(setting))


def _on_cpu(options: Options, setting: Setting, portrait: Portrait) -> None:
    given = options.named("cpu")
    text = without_feature(given[-1].value if given else model_of(portrait), setting.name)
    text = text if setting.removes else f"{text},{setting.name}={setting.value}"
    if given:
        given[-1].value = text
    elif not setting.removes:
        options.add("-cpu", text)


def _on_machine(options: Options, setting: Setting, _: Portrait) -> None:
    makers = [
        option
        for option, made in options.making("machine")
        if option.name in _NOT_SHORT or not made.has(setting.name)
    ]
    last = makers[-1] if makers and makers[-1].name == "machine" else None
    if any(options.is_after(each, last) for each in options.named("readconfig")):
        last = None  # [machine] of the file would win
    _forget_on_machine(options, setting.name, last)
    if last is not None:
        last.value = edited_value(last.value, setting, "type")
        if not last.value:
            options.drop(last)
    elif not setting.removes:
        options.add(*option_words(setting))


def _forget_on_machine(options: Options, name: str, last: Written | None) -> None:
    """Take the property out of every option but `last` that gives it to the machine."""
    for option, made in options.making("machine"):
        if made.has(name) and option.name not in _NOT_SHORT:
            options.write_out(option)
    for option in [each for own in ("machine", "accel") for each in options.named(own)]:
        implied = find(option.name)[1].implied
        fields = parse_fields(option.value, implied)
        kept = without(fields, name)
        if not kept and option is not last:
            options.drop(option)
        elif kept != fields and option is not last:
            option.value = format_fields(kept, implied)


def _on_argument(options: Options, setting: Setting, _: Portrait) -> None:
    name, entry = find(setting.driver.lstrip("-"))
    old = _option(setting.driver, setting.value if setting.removes else setting.instead_of)
    new = () if setting.removes else option_words(setting)
    given = options.named(name)
    replaced = given if entry.merges else [each for each in given if _is_same(each, old)][:1]
    for each in replaced[1:]:
        options.drop(each)
    if replaced and new:
        replaced[0].words = new
    elif replaced:
        options.drop(replaced[0])
    elif new and not any(_is_same(each, new) for each in given):
        options.add(*new)


def _option(option: str, value: str) -> tuple[str, ...]:
    return (option, value) if value else (option,)


def _is_same(option: Written, words: tuple[str, ...]) -> bool:
    """Whether the option says what these words say; keys in JSON are as good as others."""
    (other,) = command_line.read(words)
    return (option.read().pairs, option.read().text) == (other.pairs, other.text)


_ELSEWHERE: Mapping[str, Callable[[Options, Setting, Portrait], None]] = {
    "device": _on_type,
    "type": _on_type,
    "cpu": _on_cpu,
    "machine": _on_machine,
    "argument": _on_argument,
}
