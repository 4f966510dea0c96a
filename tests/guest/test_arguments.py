"""Whole command lines become guests."""

import json
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest

RECORDED = Path(__file__).parent.parent / "data" / "command_lines"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


def recorded(name: str) -> list[str]:
    arguments: list[str] = json.loads((RECORDED / f"{name}.json").read_text())
    return arguments


def values(guest: Guest, option: str) -> list[str]:
    return [value for name, value in pairwise(guest.arguments) if name == option]


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_of_a_manager_reads_again_as_itself(name: str) -> None:
    guest = parse(recorded(name))
    again = parse(guest.arguments)
    assert (again.arguments, again.machine) == (guest.arguments, guest.machine)
    assert again.network_namespace == guest.network_namespace


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_of_a_manager_names_no_path(name: str) -> None:
    """But for the directory of the sandbox in which QEMU makes a file of its own."""
    words = (word.replace("mem-path=/tmp", "") for word in parse(recorded(name)).arguments)
    assert not [word for word in words if "/" in word]


def test_libvirt_keeps_every_device_and_reads_as_text() -> None:
    arguments = recorded("libvirt-q35")
    kept = values(parse(arguments), "-device")
    written = [value for name, value in pairwise(arguments) if name == "-device"]
    assert [device.split(",")[0] for device in kept] == [json.loads(d)["driver"] for d in written]


def test_libvirt_memory_file_becomes_another_file_of_the_same_name() -> None:
    assert values(parse(recorded("libvirt-q35")), "-object")[0] == (
        "memory-backend-file,id=pc.ram,size=4G,share=on,x-use-canonical-path-for-ramblock-id=off,"
        "mem-path=/tmp"
    )


def test_libvirt_flash_has_the_size_of_ovmf() -> None:
    assert values(parse(recorded("libvirt-q35")), "-blockdev")[:2] == [
        "null-co,node-name=libvirt-pflash0-format,size=3653632,read-zeroes=on,read-only=on",
        "null-co,node-name=libvirt-pflash1-format,size=540672,read-zeroes=on",
    ]


def test_proxmox_tap_stays_a_tap_and_vhost_is_named() -> None:
    guest = parse(recorded("proxmox-i440fx"))
    assert values(guest, "-netdev") == ["tap,id=net0,ifname=qc0,script=no,downscript=no"]
    assert guest.network_namespace
    assert any("vhost" in entry.reason for entry in guest.uncovered)


def test_the_machine_is_as_written_and_comes_first() -> None:
    guest = parse(["-m", "1G", "-M", "q35,accel=kvm,smm=on"])
    assert guest.machine == "q35"
    assert guest.arguments == ("-machine", "q35,smm=on", "-m", "1G")


def test_without_a_machine_it_is_the_default_one() -> None:
    assert parse([]) == Guest(machine="pc", arguments=("-machine", "pc"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-m 4096", "--m 4G"),
        ("-M pc -M usb=on", "-machine pc,usb=on"),
        ("-usb", "-machine usb=on"),
        ("-no-hpet", "-machine hpet=off"),
        ("-enable-kvm -daemonize -name x", ""),
        ("-usbdevice tablet", "-usb -device usb-tablet"),
        ("-device e1000,id=a -set device.a.mac=52:54:00:00:00:01",
         "-device e1000,id=a,mac=52:54:00:00:00:01"),
        ('-device {"driver":"e1000","multifunction":true}', "-device e1000,multifunction=on"),
        ("-soundhw ac97", "-device AC97"),
        ("-watchdog i6300esb", "-device i6300esb"),
        ("-hda x.raw", "-drive file=x.raw,index=0,media=disk"),
        ("-accel kvm,kernel-irqchip=split", "-machine kernel-irqchip=split"),
        ("-machine hpet=on -no-hpet", "-machine hpet=off"),
    ],
)  # fmt: skip
def test_two_ways_to_write_one_guest(one: str, other: str) -> None:
    assert parse(one.split()).arguments == parse(other.split()).arguments


def test_devices_in_json_come_after_those_in_text_as_qemu_creates_them() -> None:
    guest = parse(["-device", '{"driver":"e1000"}', "-device", "rtl8139", "-usbdevice", "mouse"])
    assert values(guest, "-device") == ["usb-mouse", "rtl8139", "e1000"]


def test_a_device_that_only_json_can_say_stays_json_with_those_behind_it() -> None:
    deep = '{"driver":"virtio-blk-pci","drive":"d","iothread-vq-mapping":[{"iothread":"t"}]}'
    guest = parse(["-device", deep, "-device", '{"driver":"e1000"}'])
    assert values(guest, "-device") == [deep, '{"driver":"e1000"}']


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["-machien", "q35"], "no option -machien", "-machine"),
        (["-m"], "-m needs a value", "last"),
        (["-m", "lots"], "not a size", "4G"),
        (["-device", "help"], "makes no guest", "print"),
        (["-device", '{"driver":'], "not valid JSON", "quotes"),
        (["-device", '{"driver":"e1000","a,bus":"x"}'], "no QEMU has: 'a,bus'", "neither"),
        (["-blockdev", '{"driver":"null-co","a=b":"x"}'], "no QEMU has: 'a=b'", "neither"),
        (["-set", "device.a.b=c"], "no -device has the id a", "spelling"),
        (["-usbdevice", "host:1.2"], "no USB device is called", "tablet"),
        (["-g", "800x600"], "makes no guest", "refuses"),
        (["-m", "4G", "disk.qcow2"], "disk.qcow2 is not a QEMU argument", "-hda disk.qcow2"),
        (["/vm/guest.xml"], "/vm/guest.xml is not a QEMU argument", "if it is a disk"),
        (["-drive", "file=/vm/a\udcff"], "is not UTF-8", "names of files"),
        (["-device", '{"driver":"\\ud800"}'], "is not UTF-8", "names of files"),
        (["-device", '{"a":' * 100_000], "nested too deeply", "no option"),
        (["-blockdev", '{"a":' * 100 + "1" + "}" * 100], "nested too deeply", "no option"),
        (["-m", "9" * 5000], "not a size", "4G"),
        (["-m", "9" * 400 + ".0"], "not a size", "4G"),
        (["-"], "- is not a QEMU argument", "-drive"),
        (["-m", "4G", "qemu-kvm", "-m", "1G"], "qemu-kvm stands among", "in front"),
    ],
)
def test_what_makes_no_guest_is_said_with_a_hint(
    arguments: list[str], message: str, hint: str
) -> None:
    with pytest.raises(GuestError) as caught:
        parse(arguments)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_all_problems_are_said_together() -> None:
    with pytest.raises(GuestError, match=r"-frob.*-nope"):
        parse(["-frob", "-nope"])


def test_of_many_problems_the_first_ten_are_said() -> None:
    with pytest.raises(GuestError) as caught:
        parse(["disk.qcow2"] * 100_000)
    assert caught.value.message.count("is not a QEMU argument") == 10


@given(st.lists(st.text() | st.sampled_from(["-m", "-machine", "-device", "-drive", "-set", "{"])))
def test_any_words_are_a_guest_or_one_error(words: list[str]) -> None:
    with suppress(GuestError):
        parse(words)


PATH = "/srv/users/secret"
paths = st.sampled_from([PATH, f"{PATH}.qcow2", f"file:{PATH}", f"nbd:unix:{PATH}"])
OPTIONS = (
    "-drive file={0},if=none,id=d{1}", "-drive file={0},format=raw,if=virtio", "-hdb {0}",
    "-cdrom {0}", "-pflash {0}", "-fda {0}", "-kernel {0}", "-initrd {0}", "-bios {0}",
    "-blockdev driver=file,filename={0},node-name=n{1} -device virtio-blk-pci,drive=n{1}",
    '-blockdev {{"driver":"raw","node-name":"n{1}","file":{{"driver":"file","filename":"{0}"}}}}',
    "-serial file:{0}", "-chardev socket,id=c{1},path={0} -device isa-serial,chardev=c{1}",
    "-netdev tap,id=t{1},script={0} -device e1000,netdev=t{1}", "-net tap,script={0} -net nic",
    "-nic user,smb={0}", "-object memory-backend-file,id=m{1},mem-path={0},size=1G",
    "-object rng-random,id=r{1},filename={0} -device virtio-rng-pci,rng=r{1}",
    "-object secret,id=s{1},file={0}", "-fw_cfg name=opt/x,file={0}", "-smbios file={0}",
    "-smbios type=11,path={0}", "-acpitable file={0}", "-boot splash={0},menu=on", "-L {0}",
    "-device e1000,romfile={0}", "-global e1000.romfile={0}",
    "-device vfio-pci,sysfsdev={0}", "-device usb-mtp,rootdir={0}", "-machine kernel={0}",
    "-fsdev local,id=f{1},path={0},security_model=none", "-mem-path {0}", "-option-rom {0}",
    "-virtfs local,path={0},mount_tag=t,security_model=none", "-pidfile {0}", "-D {0}",
    "-audiodev wav,id=a{1},path={0}", "-tpmdev passthrough,id=t{1},path={0}", "-dtb {0}",
    "-vnc unix:{0}", "-monitor unix:{0},server", "-debugcon file:{0}", "-loadvm {0}",
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(OPTIONS), paths), max_size=6))
@settings(max_examples=200)
def test_no_argument_of_a_guest_names_a_path_of_the_user(chosen: list[tuple[str, str]]) -> None:
    line = [
        part.format(path, n) for n, (option, path) in enumerate(chosen) for part in option.split()
    ]
    guest = parse(line)
    assert not [word for word in guest.arguments if PATH in word]
    assert parse(guest.arguments).arguments == guest.arguments


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        ("-nodefconfig", "-no-user-config"),
        ("-localtime", "-rtc base=localtime"),
        ("-no-kvm-irqchip", "-machine kernel-irqchip=off"),
        ("-xen-attach", "migrated by Xen"),
    ],
)
def test_an_option_that_makes_no_guest_says_what_to_write(option: str, instead: str) -> None:
    with pytest.raises(GuestError) as error:
        parse(["-M", "q35", option])
    assert instead in error.value.hint


@pytest.mark.parametrize("option", ["-preconfig", "-snapshot"])
def test_what_a_line_does_not_tell_is_named(option: str) -> None:
    assert [each.subject for each in parse(["-M", "q35", option]).uncovered] == [option]


def test_a_directory_of_a_distributions_own_firmware_loses_nothing() -> None:
    assert not parse(["-M", "q35", "-L", "/usr/share/seabios/"]).uncovered
    (said,) = parse(["-M", "q35", "-L", "/opt/firmware"]).uncovered
    assert said.counts
