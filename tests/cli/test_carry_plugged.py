"""`qcompat carry` of guests to which things were plugged: the line is really started, and loads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from tests.running_guest import Order, give, moved, plug, running, unplug

Captured = pytest.CaptureFixture[str]
BOARD = shlex.split(
    "-machine pc-q35-5.2 -nodefaults -cpu Haswell -m 64M,slots=4,maxmem=1G"
    " -smp 1,sockets=4,maxcpus=4"
)
PORTS = [
    word
    for n in range(1, 5)
    for word in ("-device", f"pcie-root-port,id=rp{n},chassis={n},bus=pcie.0,addr={n}")
]
CONTROLLERS = shlex.split(
    "-device qemu-xhci,id=xhci -device virtio-scsi-pci,id=scsi0 -device virtio-serial-pci,id=vs0"
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QCOMPAT_STORE", f"sqlite:///{tmp_path}/store.db")


def _carried(capsys: Captured, path: Path, target: Build) -> Any:
    capsys.readouterr()
    run(["carry", "--qmp", str(path), "--to", target.name, "--json"])
    out, err = capsys.readouterr()
    assert out, err
    return json.loads(out)


def _pair(builds: Mapping[str, Build], *versions: str) -> tuple[Build, Build]:
    if missing := [version for version in versions if version not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    return builds[versions[0]], builds[versions[1]]


RNG = [plug("virtio-rng-pci", "rng1", bus="rp1", max_bytes=1024, period=1000)]
TABLET = [plug("usb-tablet", "tab1", bus="xhci.0")]
DIMM: list[Order] = [
    ("object-add", {"qom-type": "memory-backend-ram", "id": "hm", "size": 128 << 20}),
    plug("pc-dimm", "dm", memdev="hm"),
]
PROCESSOR = [plug("Haswell-x86_64-cpu", "cpu1", socket_id=1, core_id=0, thread_id=0)]
DISK: list[Order] = [
    ("blockdev-add", {"driver": "null-co", "node-name": "b1", "size": 1 << 30}),
    plug("scsi-hd", "sd1", bus="scsi0.0", drive="b1", lun=3, serial="abc"),
]
PORT: list[Order] = [
    ("chardev-add", {"id": "c1", "backend": {"type": "null", "data": {}}}),
    plug("virtserialport", "vp1", bus="vs0.0", chardev="c1", name="org.x"),
]
NETWORK: list[Order] = [
    ("netdev_add", {"type": "user", "id": "n2"}),
    plug("virtio-net-pci", "nic2", netdev="n2", bus="rp2", mac="52:54:00:12:34:99", vectors=3),
]
KINDS = {
    "rng": RNG,
    "tablet": TABLET,
    "dimm": DIMM,
    "processor": PROCESSOR,
    "disk": DISK,
    "port": PORT,
    "network": NETWORK,
}
WAYS = [("10.0.13", "7.2.22"), ("7.2.22", "10.0.2"), ("5.2.0", "7.2.22")]


@pytest.mark.lab
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_guest_with_everything_plugged_arrives_by_the_line(
    way: tuple[str, str], builds: Mapping[str, Build], capsys: Captured
) -> None:
    source, target = _pair(builds, *way)
    words = [*BOARD, *PORTS, *CONTROLLERS, "-S"]
    with running(source, words, "tcg") as (path, _):
        give(path, *(order for orders in KINDS.values() for order in orders))
        told = _carried(capsys, path, target)
        assert told["verdict"] in ("ok", "drift"), told["findings"]
        line = shlex.join(told["arguments"])
        assert "max-bytes=1024" in line
        assert "period=1000" in line
        assert moved(path, target, told["arguments"], "tcg") == ""
        assert told["disagreements"] == []


@pytest.mark.lab
@pytest.mark.parametrize("kind", ["rng", "dimm", "processor"])
def test_a_guest_without_what_was_plugged_would_not_load(
    kind: str, builds: Mapping[str, Build]
) -> None:
    """What the answer protects from: the line of the start is refused."""
    source, target = _pair(builds, "10.0.13", "7.2.22")
    words = [*BOARD, *PORTS, *CONTROLLERS, "-S"]
    with running(source, words, "tcg") as (path, _):
        give(path, *KINDS[kind])
        assert moved(path, target, ["qemu", *words], "tcg")


@pytest.mark.lab
def test_what_was_unplugged_leaves_the_line_and_the_rest_keeps_its_place(
    builds: Mapping[str, Build], capsys: Captured
) -> None:
    """SCSI and USB devices go without asking the guest; the disk behind the gap had no address."""
    source, target = _pair(builds, "10.0.13", "7.2.22")
    disks = shlex.split(
        "-blockdev null-co,node-name=d1,size=1073741824"
        " -blockdev null-co,node-name=f2,size=1073741824"
        " -blockdev raw,node-name=d2,file=f2 -blockdev null-co,node-name=d3,size=1073741824"
        " -device scsi-hd,drive=d1,id=s1 -device scsi-hd,drive=d2,id=s2 -device scsi-hd,drive=d3"
    )
    with running(source, [*BOARD, *CONTROLLERS, *disks, "-S"], "tcg") as (path, _):
        unplug(path, "s2")
        give(path, plug("usb-kbd", "k1", bus="xhci.0"), plug("usb-tablet", bus="xhci.0"))
        unplug(path, "k1")
        give(path, plug("usb-mouse", "k2", bus="xhci.0"))
        told = _carried(capsys, path, target)
        line = shlex.join(told["arguments"])
        assert told["verdict"] in ("ok", "drift"), told["findings"]
        assert "s2" not in line
        assert "node-name=f2" not in line
        assert "driver=scsi-hd,drive=d3" in line or "scsi-hd,drive=d3" in line
        assert "scsi-id=2" in line
        assert "usb-tablet,bus=xhci.0,port=2" in line
        assert "usb-mouse,id=k2,bus=xhci.0,port=3" in line
        assert told["unplugged"] == ['scsi-hd "s2"']
        assert told["plugged"] == ["usb-tablet", 'usb-mouse "k2"']
        assert moved(path, target, told["arguments"], "tcg") == ""


@pytest.mark.lab
def test_a_controller_stands_before_what_is_plugged_into_it(
    builds: Mapping[str, Build], capsys: Captured
) -> None:
    source, target = _pair(builds, "7.2.22", "10.0.13")
    json_line = ["-device", '{"driver":"virtio-rng-pci","id":"r0","bus":"pcie.0","addr":"0x9"}']
    with running(source, [*BOARD, *PORTS, *json_line, "-S"], "tcg") as (path, _):
        give(
            path,
            plug("virtio-scsi-pci", "z", bus="rp1"),
            ("blockdev-add", {"driver": "null-co", "node-name": "b", "size": 1 << 30}),
            plug("scsi-hd", "a", bus="z.0", drive="b"),
            plug("qemu-xhci", "y", bus="rp2"),
            plug("usb-hub", "hub", bus="y.0"),
            plug("usb-tablet", "b2", bus="y.0", port="1.2"),
        )
        told = _carried(capsys, path, target)
        assert told["verdict"] in ("ok", "drift"), told["findings"]
        assert moved(path, target, told["arguments"], "tcg") == ""


@pytest.mark.lab
def test_what_no_line_can_say_makes_the_answer_unknown(
    builds: Mapping[str, Build], capsys: Captured
) -> None:
    """A device that the board made by a short form, and that was taken away by its path."""
    source, target = _pair(builds, "10.0.13", "7.2.22")
    words = shlex.split("-machine pc-q35-5.2 -nodefaults -m 64 -usbdevice tablet -S")
    with running(source, words, "tcg") as (path, _):
        assert _carried(capsys, path, target)["verdict"] in ("ok", "drift")
        (listed,) = give(path, ("qom-list", {"path": "/machine/unattached"}))
        (name,) = [each["name"] for each in listed if each["type"] == "child<usb-tablet>"]
        give(path, ("device_del", {"id": f"/machine/unattached/{name}"}))
        told = _carried(capsys, path, target)
    assert told["verdict"] == "unknown"
    assert "usb-tablet" in json.dumps(told["findings"])
