"""Settings in the user's own line: found by id, by type, in JSON, or added."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting


@pytest.fixture
def born(recording: Callable[[str], Portrait]) -> Portrait:
    return recording("blk@10.0.13")


def _set(born: Portrait, name: str = "queue-size", value: str = "1024") -> Setting:
    device = next(d for d in born.devices if d.type == "virtio-blk-pci")
    return Setting(device.type, name, value, "device", device.path)


def test_a_device_gets_it_in_its_own_line(born: Portrait) -> None:
    words = ["qemu-system-x86_64", "-drive", "file=/a,if=none,id=x"]
    line = edit([*words, "-device", "virtio-blk-pci,drive=x"], [_set(born)], born)
    assert line == (*words, "-device", "virtio-blk-pci,drive=x,queue-size=1024")


def test_a_line_in_json_stays_json(born: Portrait) -> None:
    line = edit(["-device", '{"driver":"virtio-blk-pci","drive":"x"}'], [_set(born)], born)
    assert line[-1] == '{"driver":"virtio-blk-pci","drive":"x","queue-size":1024}'


def test_what_was_there_is_replaced(born: Portrait) -> None:
    line = edit(["-device", "virtio-blk-pci,queue-size=8,drive=x"], [_set(born)], born)
    assert line[-1] == "virtio-blk-pci,drive=x,queue-size=1024"


def test_a_device_that_no_line_makes_is_reached_by_its_type(born: Portrait) -> None:
    line = edit(["-drive", "file=/a,if=virtio"], [_set(born)], born)
    assert line[-2:] == ("-global", "virtio-blk-pci.queue-size=1024")


def test_a_value_in_json_has_the_type_of_its_property(born: Portrait) -> None:
    setting = msgspec.structs.replace(_set(born, "disable-legacy", "on"), kind="OnOffAuto")
    line = edit(["-device", '{"driver":"virtio-blk-pci"}'], [setting], born)
    assert line[-1] == '{"driver":"virtio-blk-pci","disable-legacy":"on"}'


def test_a_later_set_does_not_win_over_a_setting(born: Portrait) -> None:
    words = (*born.guest.arguments[:-1], f"{born.guest.arguments[-1]},id=disk")
    portrait = msgspec.structs.replace(born, guest=parse(words))
    place = portrait.guest.arguments.index(words[-1])
    setting = Setting("virtio-blk-pci", "queue-size", "64", "device", f"argument {place}")
    line = edit((*words, "-set", "device.disk.queue-size=8"), [setting], portrait)
    assert line == (*words[:-1], f"{words[-1]},queue-size=64")


def test_of_two_alike_the_right_one_is_found(born: Portrait) -> None:
    two = [*born.guest.arguments, "-device", "virtio-blk-pci,drive=other,addr=1e"]
    guest = parse(two)
    first = next(d for d in born.devices if d.type == "virtio-blk-pci")
    second = msgspec.structs.replace(
        first,
        path=first.path.replace(f"/{first.properties['addr']}/", "/1e.0/"),
        address="0000:00:1e.0",
        properties={**first.properties, "addr": "1e.0"},
    )
    both = msgspec.structs.replace(born, guest=guest, devices=(*born.devices, second))
    setting = Setting("virtio-blk-pci", "queue-size", "64", "device", second.path)
    line = edit(two, [setting], both)
    assert [word for word in line if "queue-size" in word] == [
        "virtio-blk-pci,drive=other,addr=1e,queue-size=64"
    ]


@pytest.mark.parametrize(
    ("words", "setting", "expected"),
    [
        (["-cpu", "host,-pdcm"], Setting("c", "pdcm", "on", "cpu"), ["-cpu", "host,pdcm=on"]),
        (["-M", "q35"], Setting("m", "hpet", "off", "machine"), ["-M", "q35,hpet=off"]),
        (
            ["-M", "q35,smm=off"],
            Setting("m", "type", "pc-q35-10.0", "machine"),
            ["-M", "pc-q35-10.0,smm=off"],
        ),
        (
            ["--machine", "q35,hpet=on"],
            Setting("m", "hpet", "off", "machine"),
            ["--machine", "q35,hpet=off"],
        ),
        ([], Setting("pci-device", "x", "on", "type"), ["-global", "pci-device.x=on"]),
        (
            ["-global", "pci-device.x=off"],
            Setting("pci-device", "x", "on", "type"),
            ["-global", "pci-device.x=on"],
        ),
        (
            ["-global", "a.x=1", "-m", "1G"],
            Setting("a", "x", "1", "type", removes=True),
            ["-m", "1G"],
        ),
        (
            ["-smp", "2"],
            Setting("-smp", "", "4", "argument", instead_of="2"),
            ["-smp", "4"],
        ),
        (
            ["-global", "driver=a.b,property=x,value=1"],
            Setting("a.b", "x", "2", "type"),
            ["-global", "driver=a.b,property=x,value=2"],
        ),
        (
            ["-global", "driver=a,property=x,value=1"],
            Setting("a", "x", "1", "type", removes=True),
            [],
        ),
        (
            ["-cpu", "host", "-cpu", "max,-avx"],
            Setting("c", "avx", "on", "cpu"),
            ["-cpu", "host", "-cpu", "max,avx=on"],
        ),
        (["-machine", "smm=off"], Setting("m", "smm", "off", "machine", removes=True), []),
        (
            ["-machine", "q35,smm=off", "--machine", "smm=on"],
            Setting("m", "smm", "auto", "machine"),
            ["-machine", "q35", "--machine", "smm=auto"],
        ),
        (
            ["-M", "q35", "-no-hpet"],
            Setting("m", "hpet", "on", "machine"),
            ["-M", "q35,hpet=on"],
        ),
        (
            ["-uuid", "a"],
            Setting("-uuid", "", "a", "argument"),
            ["-uuid", "a"],
        ),
    ],
)
def test_other_reaches(
    words: list[str], setting: Setting, expected: list[str], born: Portrait
) -> None:
    assert edit(words, [setting], born) == tuple(expected)


@pytest.fixture
def of_file(born: Portrait) -> Portrait:
    """As `born`, where the disk has an id, which a configuration file gave it."""
    words = (*born.guest.arguments[:-1], f"{born.guest.arguments[-1]},id=disk")
    devices = (
        msgspec.structs.replace(each, id="disk") if each.type == "virtio-blk-pci" else each
        for each in born.devices
    )
    return msgspec.structs.replace(born, guest=parse(words), devices=tuple(devices))


def test_a_device_of_a_configuration_file_is_set_by_its_id(of_file: Portrait) -> None:
    line = edit(["-readconfig", "guest.conf", "-S"], [_set(of_file)], of_file)
    assert line == ("-readconfig", "guest.conf", "-S", "-set", "device.disk.queue-size=1024")
    assert edit(line, [_set(of_file, value="64")], of_file)[-1] == "device.disk.queue-size=64"


def test_what_a_configuration_file_says_cannot_be_taken_out_of_it(of_file: Portrait) -> None:
    removal = msgspec.structs.replace(_set(of_file), removes=True)
    with pytest.raises(GuestError, match="which a configuration file gives to disk") as error:
        edit(["-readconfig", "guest.conf"], [removal], of_file)
    assert '[device "disk"]' in error.value.hint


def test_a_machine_property_comes_behind_a_configuration_file(born: Portrait) -> None:
    setting = Setting("pc-q35-7.2-machine", "hpet", "off", "machine")
    line = edit(["-M", "q35", "-readconfig", "guest.conf"], [setting], born)
    assert line == ("-M", "q35", "-readconfig", "guest.conf", "-machine", "hpet=off")
