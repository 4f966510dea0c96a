"""The sections of a configuration file are options of a command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.configuration import arguments_of, groups

INCUS = """# Machine
[machine]
graphics = "off"
type = "q35"
accel = "kvm"
usb = "off"

[global]
driver = "ICH9-LPC"
property = "disable_s3"
value = "1"

[boot-opts]
strict = "on"

[memory]
size = "1024M"

[smp-opts]
cpus = "2"

[object "mem0"]
qom-type = "memory-backend-memfd"
size = "1024M"
share = "on"

[numa]
type = "node"
nodeid = "0"
memdev = "mem0"

[device "qemu_pcie0"]
driver = "pcie-root-port"
bus = "pcie.0"
addr = "1.0"
multifunction = "on"

[device "qemu_balloon"]
driver = "virtio-balloon-pci"
bus = "qemu_pcie0"
addr = "00.0"
"""
AS_ARGUMENTS = (
    "-machine type=q35,graphics=off,usb=off -accel kvm -global ICH9-LPC.disable_s3=1"
    " -boot strict=on -m 1024 -smp 2 -object memory-backend-memfd,id=mem0,size=1G,share=on"
    " -numa node,nodeid=0,memdev=mem0"
    " -device pcie-root-port,id=qemu_pcie0,bus=pcie.0,addr=1.0,multifunction=on"
    " -device virtio-balloon-pci,id=qemu_balloon,bus=qemu_pcie0,addr=00.0"
)


def test_the_file_of_a_manager_makes_the_guest_of_the_same_arguments() -> None:
    assert parse(arguments_of(INCUS, "qemu.conf")) == parse(AS_ARGUMENTS.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[device "a"]\n  driver = "VGA"\n', ("-device", "VGA,id=a")),
        ('[drive "d"]\nfile = "/a,b=c"\n', ("-drive", "id=d,file=/a,,b=c")),
        ('[memory]\nsize ="1G"  # what follows the value is ignored', ("-m", "1G")),
        ('[device "a"]\ndriver = "VGA"\ndriver = "x"\n', ("-device", "x,id=a")),
        ('[boot-opts]\nmenu = ""\n', ("-boot", "menu=")),
        ("[rtc]\n", ("-rtc", "")),
        (
            '[global]\ndriver = "pc-7.2-x"\nproperty = "p"\nvalue = "v"\n',
            ("-global", "driver=pc-7.2-x,property=p,value=v"),
        ),
        ('[smbios]\nfile = "/no/such/file"\n', ()),
        ("", ()),
        ("# nothing\n\n", ()),
    ],
)
def test_a_section_is_an_option(text: str, words: tuple[str, ...]) -> None:
    assert arguments_of(text, "x") == words


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ('driver = "VGA"', "line 1: driver stands before the first section", "[device"),
        ("[machine]\nusb = off", "line 2: it is no line", 'key = "value"'),
        ('[machine]\nusb="off"', "line 2: it is no line", "spaces around"),
        ('[machine]\nusb= "off"', "line 2: it is no line", "spaces around"),
        ('[machine]\nusb = "off', "line 2: it is no line", 'key = "value"'),
        ("[machine]\n  # a comment", "line 2: it is no line", "first column"),
        ('[machine]\n [device "a"]', "line 2: it is no line", "first column"),
        ("[machine]\n  \n", "line 2: it is no line", "empty it"),
        ("[machine]\n\r\n", "line 2: it is no line", "empty it"),
        ("[devices]", "line 1: it names no section", "[device]"),
        ('[memory "a"]', "line 1: a section [memory] has no name", "leave it out"),
        ('[global]\ndriver = "a"', "line 1: a section [global] lacks property", "name driver"),
        (f'[boot-opts]\nsplash = "{"x" * 1100}"', "line 2: it is too long", "1022"),
    ],
)
def test_what_qemu_reads_as_something_else_is_an_error(text: str, problem: str, hint: str) -> None:
    with pytest.raises(GuestError) as error:
        arguments_of(text, "guest.conf")
    assert f"guest.conf, {problem}" in error.value.message
    assert hint in error.value.hint


def test_all_problems_come_together() -> None:
    with pytest.raises(GuestError, match=r"line 2.*line 3"):
        arguments_of("[machine]\na\nb", "x")


def test_a_file_of_something_else_is_one_error_and_nothing_of_it_is_shown() -> None:
    with pytest.raises(GuestError) as error:
        arguments_of("root:secret:19000:0\n" * 50, "/etc/shadow")
    assert error.value.message == "/etc/shadow, line 1: it is no line of a QEMU configuration file"


def test_every_section_belongs_to_one_option() -> None:
    assert (groups()["memory"], groups()["device"]) == ("m", "device")


@given(st.text() | st.lists(st.sampled_from(INCUS.splitlines())).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        words = arguments_of(text, "x")
    except GuestError:
        return
    assert len(words) % 2 == 0
