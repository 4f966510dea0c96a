"""A remedy written down reads back as itself: where it is pasted nothing of it is lost."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from qcompat.guest.arguments import parse
from qcompat.remedy.setting import Setting
from qcompat.report.forms import written_down
from qcompat.report.remedy.form import Changes, Form, device_id
from qcompat.report.remedy.libvirt import NAMESPACE, type_of
from qcompat.report.remedy.written import forms_of_start

QEMU = f"{{{NAMESPACE}}}"
PLACE = "main-system-bus/q35-pcihost/pcie.0/01.0"
NAMED = Setting("virtio-blk-pci", "queue-size", "1024", "device", f"{PLACE}/disk0", kind="uint16")
NAMELESS = Setting("virtio-blk-pci", "queue-size", "1024", "device", f"{PLACE}/virtio-blk-pci")
EVERY = Setting("pci-device", "x-pcie-err-unc-mask", "on", "type")

# What XML can hold at all: no control characters and no surrogates.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
names = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
settings = st.builds(
    Setting, names, names, texts, st.just("device"), names.map(lambda n: f"{PLACE}/id-{n}")
)
typed = st.builds(Setting, names, names, texts, st.just("type"))


def libvirt(given_: Sequence[Setting]) -> Form:
    return written_down("libvirt", Changes(given_))


def proxmox(given_: Sequence[Setting]) -> Form:
    return written_down("proxmox", Changes(given_))


def table(given_: Sequence[Setting]) -> Form:
    return written_down("table", Changes(given_))


def qemu(words: Sequence[tuple[str, str]], dropped: Sequence[tuple[str, str]] = ()) -> Form:
    return written_down("qemu", Changes((), tuple(words), tuple(dropped)))


@given(st.lists(settings, min_size=1, max_size=4, unique_by=lambda s: (s.path, s.name)))
def test_libvirt_reads_every_property_of_every_alias(given_: list[Setting]) -> None:
    override = _found(libvirt(given_).text, f"{QEMU}override")
    read = {
        (device.get("alias"), each.get("name")): each.get("value")
        for device in override.iter(f"{QEMU}device")
        for each in device.iter(f"{QEMU}property")
    }
    wanted = {"on": "true", "off": "false"}
    assert read == {(device_id(s), s.name): wanted.get(s.value, s.value) for s in given_}


@given(st.lists(typed, min_size=1, max_size=4))
def test_libvirt_command_line_has_every_word(given_: list[Setting]) -> None:
    line = _found(libvirt(given_).text, f"{QEMU}commandline")
    words = [arg.get("value") for arg in line]
    assert words == [w for s in given_ for w in ("-global", f"{s.driver}.{s.name}={s.value}")]


@given(st.lists(st.one_of(settings, typed), min_size=1, max_size=4))
def test_proxmox_splits_the_line_into_the_same_words(given_: list[Setting]) -> None:
    words = shlex.split(proxmox(given_).text.removeprefix("args: "))
    assert len(words) == 2 * len(given_)
    for setting, word in zip(given_, words[1::2], strict=True):
        assert word.endswith(f".{setting.name}={setting.value}")


@given(st.lists(st.tuples(names.map(lambda n: f"-{n}"), texts), max_size=4))
def test_a_shell_reads_the_same_words(words: list[tuple[str, str]]) -> None:
    lines = qemu(words).text.splitlines()
    if all("\n" not in value and len(value.splitlines()) == 1 for _, value in words):
        assert [tuple(shlex.split(line)) for line in lines] == words


@given(names, names, st.text(max_size=20).filter(lambda t: t.isascii()))
def test_a_compiler_reads_the_same_strings(driver: str, name: str, value: str) -> None:
    entry = table([Setting(driver, name, value, "type")]).text
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', entry)
    assert [_c_string(each) for each in strings] == [driver, name, value]


def _found(text: str, path: str) -> Element:
    """The element at that path."""
    element = fromstring(text).find(path)
    assert element is not None
    return element


def _c_string(text: str) -> str:
    """What a C compiler makes of the escapes that we write."""
    return re.sub(r"\\([0-7]{3}|.)", _c_character, text)


def _c_character(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code, 8)) if len(code) == 3 else code


def test_named_device_is_overridden_and_a_nameless_one_reached_by_its_type() -> None:
    assert 'alias="disk0"' in libvirt([NAMED]).text
    assert 'value="virtio-blk-pci.queue-size=1024"' in libvirt([NAMELESS]).text
    assert "every virtio-blk-pci" in " ".join(libvirt([NAMELESS]).notes)


@pytest.mark.parametrize(
    ("value", "kind", "type_"),
    [
        ("1024", "uint16", "unsigned"),
        ("-1", "int32", "signed"),
        ("on", "bool", "bool"),
        ("on", "OnOffAuto", "string"),
        ("1024", "str", "string"),
        ("off", "", "bool"),
        ("64K", "size", "string"),
    ],
)
def test_libvirt_is_told_the_type_that_qemu_wants(value: str, kind: str, type_: str) -> None:
    assert type_of(Setting("d", "n", value, kind=kind)) == type_


def test_property_to_be_left_out_is_removed_by_libvirt() -> None:
    gone = Setting("pcie-root-port", "disable-acs", "on", "device", f"{PLACE}/rp", removes=True)
    assert 'name="disable-acs" type="remove"' in libvirt([gone]).text


def test_feature_of_the_processor_is_an_element_of_its_own() -> None:
    form = libvirt([Setting("qemu64-x86_64-cpu", "ssse3", "on", "cpu")])
    feature = _found(form.text, "cpu/feature")
    assert feature.attrib == {"policy": "require", "name": "ssse3"}


def test_proxmox_line_means_the_setting_to_qemu() -> None:
    words = shlex.split(proxmox([NAMED, EVERY]).text.removeprefix("args: "))
    line = ["-machine", "q35", "-device", "virtio-blk-pci,id=disk0,drive=d0", *words]
    arguments = parse(line).arguments
    assert "virtio-blk-pci,id=disk0,drive=d0,queue-size=1024" in arguments
    assert "pci-device.x-pcie-err-unc-mask=on" in arguments


def test_table_entry_has_the_form_of_qemus_own() -> None:
    assert table([NAMED, NAMELESS]).text == '{ "virtio-blk-pci", "queue-size", "1024" },'


def test_what_fits_no_table_is_said() -> None:
    form = table([Setting("pc-q35-7.2-machine", "smm", "off", "machine")])
    assert form.text == ""
    assert "smm=off fits no compat table" in form.notes[0]


def test_replaced_line_is_told_beside_the_new_one() -> None:
    form = qemu([("-device", "e1000,romsize=524288")], [("-device", "e1000")])
    assert form.text == "-device e1000,romsize=524288"
    assert form.notes == ("in place of -device e1000",)


def test_a_start_line_tells_only_what_is_not_the_users_own() -> None:
    own = ["qemu-system-x86_64", "-m", "1G", "-S", "-device", "virtio-blk-pci,id=disk0"]
    line = [*own[:-1], f"{own[-1]},queue-size=1024", "-global", "a.b=on"]
    told = forms_of_start([NAMED], own, line)["qemu"]
    assert told.text == "-device virtio-blk-pci,id=disk0,queue-size=1024\n-global a.b=on"
    assert told.notes == ("in place of -device virtio-blk-pci,id=disk0",)


def test_a_machine_type_has_its_own_place_in_libvirt() -> None:
    form = libvirt([Setting("pc-q35-7.2-machine", "type", "pc-q35-7.2", "machine")])
    assert '<type machine="pc-q35-7.2">hvm</type>' in form.text
    assert "commandline" not in form.text
