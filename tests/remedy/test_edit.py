"""Settings in a guest's arguments: the device's own line first, then its type."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.build_properties import BuildProperties, PropertyInfo
from qcompat.remedy.edit import with_settings
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import edited_value

Recording = Callable[[str], Portrait]
PROPERTIES = BuildProperties(
    {
        "virtio-blk-pci": {
            "queue-size": PropertyInfo("queue-size", "uint16"),
            "disable-legacy": PropertyInfo("disable-legacy", "OnOffAuto"),
            "packed": PropertyInfo("packed", "bool"),
        }
    }
)
MACHINE = ("-machine", "pc-q35-7.2", "-nodefaults")


@pytest.fixture
def portrait(recording: Recording) -> Portrait:
    return recording("blk@10.0.13")


def _disk(portrait: Portrait) -> Device:
    return next(device for device in portrait.devices if device.type == "virtio-blk-pci")


def _set(portrait: Portrait, name: str, value: str, *, removes: bool = False) -> Setting:
    path = _disk(portrait).path
    return Setting("virtio-blk-pci", name, value, "device", path, removes=removes)


def _applied(portrait: Portrait, guest: Guest, *settings: Setting) -> tuple[str, ...]:
    shown = msgspec.structs.replace(portrait, guest=guest)
    return with_settings(guest, settings, shown, PROPERTIES).arguments


def _line(arguments: tuple[str, ...]) -> str:
    return arguments[arguments.index("-device") + 1]


def test_property_goes_into_the_devices_own_line(portrait: Portrait) -> None:
    arguments = _applied(portrait, portrait.guest, _set(portrait, "queue-size", "1024"))
    assert _line(arguments).endswith(",queue-size=1024")
    assert "-global" not in arguments


def test_property_that_was_given_is_replaced_or_taken_out(portrait: Portrait) -> None:
    given = parse([*MACHINE, "-device", "virtio-blk-pci,drive=d0,addr=8,vectors=2"])
    replaced = _line(_applied(portrait, given, _set(portrait, "vectors", "3")))
    assert replaced == "virtio-blk-pci,drive=d0,addr=8,vectors=3"
    removed = _line(_applied(portrait, given, _set(portrait, "vectors", "2", removes=True)))
    assert removed == "virtio-blk-pci,drive=d0,addr=8"


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [("queue-size", "1024", 1024), ("packed", "on", True), ("disable-legacy", "on", "on")],
)
def test_json_line_gets_the_value_with_its_type(
    name: str, value: str, typed: object, portrait: Portrait
) -> None:
    line = json.dumps({"driver": "virtio-blk-pci", "units": [1], name: "old"})
    kind = PROPERTIES.kind("virtio-blk-pci", name)
    edited = json.loads(edited_value(line, _set(portrait, name, value), "driver", kind))
    assert edited == {"driver": "virtio-blk-pci", "units": [1], name: typed}


def test_property_is_taken_out_of_a_json_line(portrait: Portrait) -> None:
    line = json.dumps({"driver": "virtio-blk-pci", "vectors": 2})
    edited = edited_value(line, _set(portrait, "vectors", "2", removes=True), "driver", "")
    assert json.loads(edited) == {"driver": "virtio-blk-pci"}


def test_device_without_a_line_is_reached_by_its_type(portrait: Portrait) -> None:
    given = parse([*MACHINE, "-drive", "if=virtio,driver=null-co"])
    arguments = _applied(portrait, given, _set(portrait, "queue-size", "512"))
    assert arguments[arguments.index("-global") + 1] == "virtio-blk-pci.queue-size=512"


def test_a_later_global_for_the_same_takes_the_place_of_the_first(portrait: Portrait) -> None:
    given = parse([*MACHINE, "-global", "pci-device.x=on"])
    arguments = _applied(portrait, given, Setting("pci-device", "x", "off", "type"))
    assert arguments.count("-global") == 1
    assert "pci-device.x=off" in arguments


def test_driver_with_a_dot_takes_the_long_form(portrait: Portrait) -> None:
    setting = Setting("cfi.pflash01", "x", "1", "type")
    arguments = _applied(portrait, parse(MACHINE), setting)
    assert "driver=cfi.pflash01,property=x,value=1" in arguments


@pytest.mark.parametrize("given", ["qemu64,+ssse3", "qemu64,-ssse3", "qemu64,ssse3=off"])
def test_feature_is_said_once_however_it_was_said(given: str, portrait: Portrait) -> None:
    setting = Setting("qemu64-x86_64-cpu", "ssse3", "on", "cpu")
    arguments = _applied(portrait, parse([*MACHINE, "-cpu", given]), setting)
    assert arguments[arguments.index("-cpu") + 1] == "qemu64,ssse3=on"


def test_guest_without_a_processor_of_its_own_gets_the_builds_with_the_feature(
    portrait: Portrait,
) -> None:
    settings = (Setting("c", "a", "on", "cpu"), Setting("c", "b", "off", "cpu"))
    arguments = _applied(portrait, parse(MACHINE), *settings)
    assert portrait.cpu is not None
    model = portrait.cpu.type.removesuffix("-x86_64-cpu")
    assert arguments[arguments.index("-cpu") + 1] == f"{model},a=on,b=off"


def test_machine_property_joins_the_machine(portrait: Portrait) -> None:
    setting = Setting("pc-q35-7.2-machine", "smm", "off", "machine")
    assert "pc-q35-7.2,smm=off" in _applied(portrait, parse(MACHINE), setting)


def test_whole_option_is_replaced_added_or_taken_out(portrait: Portrait) -> None:
    given = parse([*MACHINE, "-smp", "2"])
    replaced = Setting("-smp", "", "4", "argument", instead_of="2")
    assert _applied(portrait, given, replaced)[-3:-1] == ("-smp", "4")
    removed = Setting("-smp", "", "2", "argument", removes=True)
    assert "-smp" not in _applied(portrait, given, removed)
    added = Setting("-uuid", "", "11111111-1111-1111-1111-111111111111", "argument")
    assert "-uuid" in _applied(portrait, given, added)


def test_arguments_that_make_no_guest_are_an_error(portrait: Portrait) -> None:
    with pytest.raises(GuestError):
        _applied(portrait, parse(MACHINE), Setting("-no-such-option", "", "x", "argument"))
