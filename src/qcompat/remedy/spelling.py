"""How settings are spelled for QEMU: as `key=value`, as JSON, in `-global`, in `-cpu`."""

from __future__ import annotations

import json

from qcompat.arch.architecture import architecture_of, cpu_model
from qcompat.guest.global_property import GlobalProperty
from qcompat.guest.option import Pairs, format_fields, parse_fields
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.setting import Setting

_NUMBERS = ("uint", "int", "size")


def edited_value(text: str, setting: Setting, implied: str, kind: str = "") -> str:
    """An option's value with the setting, in the form it had (JSON, or key=value)."""
    if text.startswith("{"):
        given = json.loads(text)
        given.pop(setting.name, None)
        if not setting.removes:
            given[setting.name] = typed(setting.value, kind)
        return json.dumps(given, separators=(",", ":"))
    fields = parse_fields(text, implied)
    kept = without(fields, setting.name)
    if setting.removes:
        return text if kept == fields else format_fields(kept, implied)
    return format_fields((*kept, (setting.name, setting.value)), implied)


def typed(value: str, kind: str) -> str | int | bool:
    """The value with its JSON type: switches as booleans, numbers as numbers."""
    if kind in ("bool", "boolean") or (not kind and value in ("on", "off")):
        return value == "on"
    is_number = value.isascii() and value.removeprefix("-").isdigit() and str(int(value)) == value
    return int(value) if is_number and (not kind or kind.startswith(_NUMBERS)) else value


def without(pairs: Pairs, name: str) -> Pairs:
    """The fields without those of this key."""
    return tuple(pair for pair in pairs if pair[0] != name)


def option_words(setting: Setting) -> tuple[str, ...]:
    """A setting as an option of its own."""
    if setting.reach == "argument":
        return (setting.driver, setting.value) if setting.value else (setting.driver,)
    if setting.reach == "machine":
        return ("-machine", format_fields(((setting.name, setting.value),), "type"))
    return ("-global", GlobalProperty(setting.driver, setting.name, setting.value).text())


def model_of(portrait: Portrait) -> str:
    """The processor's model as `-cpu` wants it."""
    if portrait.cpu:
        return cpu_model(portrait.cpu.type)
    return architecture_of(portrait.guest.machine).default_cpu


def without_feature(text: str, name: str) -> str:
    """A `-cpu` value without the feature, in whatever spelling (`+x`, `-x`, `x=on`)."""
    model, *features = text.split(",")
    return ",".join([model, *(each for each in features if feature_name(each) != _plain(name))])


def feature_name(text: str) -> str:
    """The feature that `+x`, `-x`, `x=on` or `x` names, in one spelling."""
    return _plain(text.partition("=")[0].lstrip("+-"))


def _plain(name: str) -> str:
    """QEMU takes `sse4_1`, `sse4-1` and `sse4.1` for one feature (x86_cpu_parse_featurestr)."""
    return name.replace("_", "-").replace(".", "-")
