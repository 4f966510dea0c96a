"""Laws of the editor, over recorded command lines in the spellings that QEMU takes."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.guest.arguments import parse
from qcompat.guest.option import format_fields, parse_fields
from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.device_line import device_options
from qcompat.remedy.edit import edit, with_settings
from qcompat.remedy.places import OFF_TREE
from qcompat.remedy.setting import Setting

DATA = Path(__file__).parent.parent / "data"
Words = tuple[str, ...]
LINES: dict[str, Words] = {
    path.stem: tuple(json.loads(path.read_text()))
    for path in (DATA / "command_lines").glob("*.json")
}
ADDED: tuple[Words, ...] = (
    ("-M", "hpet=on,usb=off"),
    ("--machine", "smm=off"),
    ("-no-hpet",),
    ("-usb",),
    ("-soundhw", "hda"),
    ("-watchdog", "i6300esb"),
    ("-accel", "tcg,kernel-irqchip=off"),
    ("-cpu", "max,+avx"),
    ("-device", "usb-tablet"),
    ("-device", '{"driver":"usb-tablet"}'),
    ("-device", '{"driver":"virtio-blk-pci","id":"deep","iothread-vq-mapping":[{"iothread":"t"}]}'),
    ("-set", "device.net0.host_mtu=1500"),
    ("-global", "driver=cfi.pflash01,property=width,value=4"),
    ("-global", "virtio-pci.ats=on"),
    ("-global", "driver=virtio-pci,property=ats,value=off"),
    ("-smbios", "type=2,manufacturer=a"),
)
NAMES = st.sampled_from(["ats", "host_mtu", "x-speed", "port", "vectors", "bootindex"])
VALUES = st.sampled_from(["on", "off", "7", "0x7", "a,b", "007"])
SHORT = {"usb-tablet", "intel-hda", "hda-duplex", "i6300esb"}
"""What short forms make, which is reached by type."""
DEVICES = {"virtio-pci", "cfi.pflash01", "usb-tablet", "virtio-net-pci"}


@cache
def shown(words: Words) -> Portrait:
    """A portrait of the guest that these words make, its devices known by their lines alone."""
    some = read_bundle(DATA / "portraits" / "recordings.qcb").get("blk@10.0.13")
    return msgspec.structs.replace(some, guest=parse(words), devices=())


@st.composite
def command_lines(draw: st.DrawFn) -> Words:
    words = list(LINES[draw(st.sampled_from(sorted(LINES)))])
    for at, (option, value) in enumerate(pairwise(words), 1):
        if option == "-device" and draw(st.booleans()):
            words[at] = _as_text(value) if value.startswith("{") else _as_json(value)
    added = draw(st.lists(st.sampled_from(ADDED), max_size=4, unique=True))
    return (*words, *(word for option in added for word in option))


def _as_json(value: str) -> str:
    return json.dumps(dict(parse_fields(value, "driver")))


def _as_text(value: str) -> str:
    given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in json.loads(value).items()}
    on = {"true": "on", "false": "off"}
    return format_fields(tuple((k, on.get(v, v)) for k, v in given.items()), "driver")


@st.composite
def one_setting(draw: st.DrawFn, words: Words) -> Setting:
    reach = draw(st.sampled_from(["device", "type", "cpu", "machine", "argument"]))
    name, value, removes = draw(NAMES), draw(VALUES), draw(st.booleans())
    if reach == "device":
        lines = device_options(shown(words).guest.arguments)
        places = [place for place, fields in lines if dict(fields)["driver"] not in SHORT]
        path = f"{OFF_TREE}{draw(st.sampled_from(places))}"
        return Setting("any", name, value, "device", path, removes=removes)
    if reach == "type":
        driver = draw(st.sampled_from(sorted(DEVICES)))
        return Setting(driver, name, value, "type", removes=removes)
    if reach == "cpu":
        name = draw(st.sampled_from(["sse4.1", "sse4_2", "avx", "hle", "enforce"]))
        return Setting("cpu", name, draw(st.sampled_from(["on", "off"])), "cpu", removes=removes)
    if reach == "machine":
        name = draw(st.sampled_from(["hpet", "usb", "smm", "kernel-irqchip", "acpi"]))
        return Setting("m", name, value, "machine", removes=removes)
    option, old, new = draw(
        st.sampled_from(
            [
                ("-smp", "4,sockets=4,cores=1,threads=1", "2"),
                ("-smbios", "type=2,manufacturer=a", "manufacturer=b,type=2"),
                ("-uuid", "", "11111111-1111-1111-1111-111111111111"),
            ]
        )
    )
    gone = Setting(option, "", old or new, "argument", removes=True)
    return gone if removes else Setting(option, "", new, "argument", instead_of=old)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Words, tuple[Setting, ...]]:
    words = draw(command_lines())
    wanted = draw(st.lists(one_setting(words), min_size=1, max_size=4, unique_by=_what))
    return words, tuple(wanted)


def _what(setting: Setting) -> tuple[str, ...]:
    return setting.driver, setting.name.replace("_", "."), setting.path


@given(case=cases())
@settings(max_examples=50)
def test_the_users_words_and_the_canonical_ones_give_the_same_guest(
    case: tuple[Words, tuple[Setting, ...]],
) -> None:
    words, wanted = case
    portrait = shown(words)
    theirs = parse(edit(words, wanted, portrait))
    canonical = with_settings(portrait.guest, wanted, portrait, BuildProperties({}))
    assert theirs.arguments == canonical.arguments


@given(case=cases())
@settings(max_examples=50)
def test_a_second_time_changes_nothing(case: tuple[Words, tuple[Setting, ...]]) -> None:
    words, wanted = case
    for given_words in (words, shown(words).guest.arguments):
        once = edit(given_words, wanted, shown(words))
        again = edit(once, wanted, shown(words))
        assert sorted(again) == sorted(once)
        assert parse(again) == parse(once)


@given(case=cases())
@settings(max_examples=50)
def test_a_removal_undoes_a_set(case: tuple[Words, tuple[Setting, ...]]) -> None:
    words, wanted = case
    if "-cpu" not in words:
        words = ("-cpu", "qemu64", *words)
    portrait = shown(words)
    for each in wanted:
        if each.reach == "argument":
            continue
        gone = msgspec.structs.replace(each, removes=True)
        said = msgspec.structs.replace(each, removes=False)
        without = edit(words, [gone], portrait)
        assert parse(edit(edit(without, [said], portrait), [gone], portrait)) == parse(without)
