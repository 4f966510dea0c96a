"""A remedy for a libvirt domain.

Devices with an alias are reached by `<qemu:override>` (libvirt 8.2), which wants each value's
type; features of the processor go into `<cpu>`, the machine type into `<os>`, everything else
through `<qemu:commandline>`, as `-global`. The namespace has to be declared on `<domain>`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import option_words
from qcompat.report.remedy.form import Changes, Form, device_id, spelled

NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0"
_TITLE = "for libvirt, into <domain> (libvirt 8.2 or later)"
_POLICIES = {"on": "require", "off": "disable"}


def write(changes: Changes) -> Form:
    """The elements to put into `<domain>`, inside one that declares the namespace."""
    settings = changes.settings
    domain = ET.Element("domain", {"xmlns:qemu": NAMESPACE})
    notes = [note for each in settings if (note := _note(each))]
    _machine(domain, [s for s in settings if _is_machine_type(s)])
    _processor(domain, [s for s in settings if _is_feature(s)])
    _override(domain, [s for s in settings if device_id(s)])
    placed = (_is_machine_type, _is_feature, device_id)
    rest = (s for s in settings if not s.removes and not any(is_(s) for is_ in placed))
    _command_line(domain, [word for each in rest for word in option_words(each)])
    if not len(domain):
        return Form(_TITLE, "", tuple(notes))
    ET.indent(domain, "  ")
    return Form(_TITLE, ET.tostring(domain, encoding="unicode"), tuple(notes))


def _machine(domain: ET.Element, settings: list[Setting]) -> None:
    for each in settings:
        os = ET.SubElement(domain, "os")
        ET.SubElement(os, "type", {"machine": each.value}).text = "hvm"


def _processor(domain: ET.Element, settings: list[Setting]) -> None:
    if settings:
        cpu = ET.SubElement(domain, "cpu")
        for each in settings:
            given = {"policy": _POLICIES[each.value], "name": each.name}
            ET.SubElement(cpu, "feature", given)


def _override(domain: ET.Element, settings: list[Setting]) -> None:
    if not settings:
        return
    override = ET.SubElement(domain, "qemu:override")
    for alias in dict.fromkeys(device_id(each) for each in settings):
        device = ET.SubElement(override, "qemu:device", {"alias": alias})
        frontend = ET.SubElement(device, "qemu:frontend")
        for each in settings:
            if device_id(each) == alias:
                ET.SubElement(frontend, "qemu:property", _typed(each))


def _typed(setting: Setting) -> dict[str, str]:
    if setting.removes:
        return {"name": setting.name, "type": "remove"}
    kind, value = type_of(setting), setting.value
    if kind == "bool":
        value = {"on": "true", "off": "false"}.get(value, value)
    return {"name": setting.name, "type": kind, "value": value}


def type_of(setting: Setting) -> str:
    """libvirt's type of the value: `string`, `unsigned`, `signed` or `bool`."""
    if setting.kind in ("bool", "boolean") or (not setting.kind and setting.value in _POLICIES):
        return "bool"
    if setting.kind and not setting.kind.startswith(("uint", "int", "size")):
        return "string"
    digits = setting.value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return "string"
    return "signed" if setting.value.startswith("-") else "unsigned"


def _command_line(domain: ET.Element, words: list[str]) -> None:
    if words:
        line = ET.SubElement(domain, "qemu:commandline")
        for word in words:
            ET.SubElement(line, "qemu:arg", {"value": word})


def _is_feature(setting: Setting) -> bool:
    return setting.reach == "cpu" and setting.value in _POLICIES and not setting.removes


def _is_machine_type(setting: Setting) -> bool:
    return setting.reach == "machine" and setting.name == "type"


def _note(setting: Setting) -> str:
    if setting.removes and not device_id(setting):
        return f"remove {spelled(setting)} from the domain"
    if setting.instead_of:
        return f"{setting.driver} {setting.instead_of} must be removed from the domain"
    if setting.reach == "device" and not device_id(setting):
        return f"this applies to every {setting.driver}; an alias would limit it to one"
    return ""
