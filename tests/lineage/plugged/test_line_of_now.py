"""The line of now, from what a monitor said: recordings of 10.0.13 in the words of `Observed`."""

from __future__ import annotations

import shlex

import pytest

from qcompat.lineage.plugged.line_of_now import line_of_now
from qcompat.portrait.running.observed import BackEnds, BlockNode, Observed, Peripheral

NAMED, ANON = "/machine/peripheral", "/machine/peripheral-anon"


def _seen(*there: Peripheral, backends: BackEnds | None = None) -> Observed:
    return Observed(
        "10.0.13",
        "",
        "pc-q35-7.2",
        "tcg",
        "running",
        peripherals=there,
        backends=backends or BackEnds(),
    )


def _device(path: str, type_: str, *, is_plugged: bool = False, **more: object) -> Peripheral:
    return Peripheral(path, type_, is_plugged, **more)  # type: ignore[arg-type]


def _line(words: str, seen: Observed) -> str:
    return shlex.join(line_of_now(shlex.split(words), seen).words)


def test_a_guest_in_which_nothing_changed_keeps_its_words() -> None:
    words = (
        "qemu -machine q35 -device virtio-rng-pci,id=r -drive if=virtio,file=/x -device usb-ehci"
    )
    seen = _seen(
        _device(f"{NAMED}/r", "virtio-rng-pci"),
        _device(f"{ANON}/device[0]", "usb-ehci"),
        _device(f"{ANON}/device[1]", "virtio-blk-pci"),
    )
    assert _line(words, seen) == words


@pytest.mark.parametrize(
    ("alias", "type_"),
    [
        ("virtio-net", "virtio-net-pci"),
        ("lsi", "lsi53c895a"),
        ("ahci", "ich9-ahci"),
        ("ac97", "AC97"),
        ("e1000-82540em", "e1000"),
    ],
)
def test_an_alias_is_the_device_that_it_stands_for(alias: str, type_: str) -> None:
    words = f"qemu -device {alias},id=n -device {alias}"
    seen = _seen(_device(f"{NAMED}/n", type_), _device(f"{ANON}/device[0]", type_))
    assert _line(words, seen) == words


def test_another_device_is_not_the_one_on_the_line() -> None:
    seen = _seen(_device(f"{ANON}/device[0]", "e1000e"))
    assert _line("qemu -device e1000", seen) == "qemu"


def test_a_short_form_whose_device_is_gone_leaves_the_line() -> None:
    words = "qemu -m 64 -drive if=virtio,file=/x -device usb-ehci"
    seen = _seen(_device(f"{ANON}/device[0]", "usb-ehci"))
    assert _line(words, seen) == "qemu -m 64 -device usb-ehci"


def test_a_back_end_that_others_use_stays() -> None:
    words = (
        "qemu -object rng-builtin,id=g -device virtio-rng-pci,id=a,rng=g,addr=3"
        " -device virtio-rng-pci,id=b,rng=g,addr=4"
    )
    seen = _seen(_device(f"{NAMED}/b", "virtio-rng-pci"))
    assert _line(words, seen) == (
        "qemu -object rng-builtin,id=g -device virtio-rng-pci,id=b,rng=g,addr=4"
    )


def test_a_device_under_a_former_id_is_the_new_one() -> None:
    words = "qemu -device virtio-rng-pci,id=a,addr=3,max-bytes=5"
    again = _device(
        f"{NAMED}/a",
        "virtio-rng-pci",
        is_plugged=True,
        bus="/machine/q35/pcie.0",
        place={"addr": "04.0"},
    )
    assert _line(words, _seen(again)) == "qemu -device virtio-rng-pci,id=a,bus=pcie.0,addr=04.0"


def test_json_devices_are_joined_by_one_in_json() -> None:
    words = """qemu -device '{"driver":"virtio-scsi-pci","id":"s"}'"""
    disk = _device(
        f"{NAMED}/d",
        "scsi-hd",
        is_plugged=True,
        bus=f"{NAMED}/s/virtio-backend/s.0",
        place={"lun": 3},
        backends={"drive": "n"},
    )
    node = BlockNode("n", "qcow2", "/srv/d.qcow2", is_read_only=True)
    below = BlockNode("n-file", "file", "/srv/d.qcow2", is_read_only=True)
    seen = _seen(
        _device(f"{NAMED}/s", "virtio-scsi-pci"), disk, backends=BackEnds(nodes=(node, below))
    )
    assert line_of_now(shlex.split(words), seen).words[3:] == (
        "-blockdev",
        '{"driver":"file","filename":"/srv/d.qcow2","node-name":"n-file","read-only":true}',
        "-blockdev",
        '{"driver":"qcow2","file":"n-file","node-name":"n","read-only":true}',
        "-device",
        '{"driver":"scsi-hd","id":"d","bus":"s.0","lun":3,"drive":"n"}',
    )


def test_a_back_end_that_is_not_told_is_named_and_the_line_starts() -> None:
    port = _device(
        f"{NAMED}/p",
        "virtserialport",
        is_plugged=True,
        bus=f"{NAMED}/vs/vs.0",
        place={"nr": 1},
        backends={"chardev": "c"},
    )
    found = line_of_now(["qemu"], _seen(port, backends=BackEnds(characters={"c": "file"})))
    assert found.words == (
        *("qemu", "-chardev", "null,id=c"),
        *("-device", "virtserialport,id=p,bus=vs.0,nr=1,chardev=c"),
    )
    assert [gap.part for gap in found.incomplete] == ["-chardev c"]


def test_networks_and_characters_are_written_as_far_as_they_are_told() -> None:
    backends = BackEnds(
        networks={
            "t": ("tap,ifname=tap0,script=no,downscript=no",) * 2,
            "x": ("socket,fd=3",),
        },
        characters={"c": "disconnected:unix:/run/c.sock,server=on"},
    )
    there = [
        _device(f"{NAMED}/n", "virtio-net-pci", is_plugged=True, backends={"netdev": "t"}),
        _device(f"{NAMED}/o", "e1000", is_plugged=True, backends={"netdev": "x"}),
        _device(f"{NAMED}/p", "isa-serial", is_plugged=True, backends={"chardev": "c"}),
    ]
    found = line_of_now(["qemu"], _seen(*there, backends=backends))
    line = shlex.join(found.words)
    assert "-netdev tap,id=t,ifname=tap0,script=no,downscript=no,queues=2" in line
    assert "-chardev socket,id=c,path=/run/c.sock,server=on,wait=off" in line
    assert "hubport,id=x" in line
    assert [gap.part for gap in found.incomplete] == ["-netdev t", "-netdev x"]
