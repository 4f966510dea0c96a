"""An instance of Incus is the guest that its daemon starts and completes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from qcompat.errors import GuestError
from qcompat.guest.given.form import Given
from qcompat.guest.given.line import guest_given, guest_of
from qcompat.guest.given.recognise import read_guest, recognise
from qcompat.guest.option import parse_fields

DATA = Path(__file__).parents[3] / "data" / "incus"
WEB = (DATA / "web.yaml").read_text()
LINE = (
    "qemu-system-x86_64 -S -name web1 -uuid 7b10d7af-b932-4c66-b2c3-3996152ec465 -daemonize"
    " -cpu kvm64,hv_relaxed,hv_vpindex,aes,avx -nographic -serial chardev:console"
    " -qmp chardev:monitor -nodefaults -no-user-config -readconfig {conf}"
    " -smbios type=2,manufacturer=LinuxContainers,product=Incus"
)
PLUGGED = """-blockdev {"driver": "file", "node-name": "incus_root", "filename": "/dev/fdset/0"}
-blockdev {"driver": "file", "node-name": "incus_agent", "filename": "a.iso", "read-only": true}
-blockdev {"driver": "rbd", "node-name": "incus_data", "pool": "p", "image": "data"}
-netdev tap,id=incus_eth0,vhost=on,queues=3
-device kvm64-x86_64-cpu,id=cpu0150,socket-id=0,core-id=15,thread-id=0
-device kvm64-x86_64-cpu,id=cpu0140,socket-id=0,core-id=14,thread-id=0
-device virtio-net-pci,id=dev-incus_eth0,netdev=incus_eth0,mac=10:66:6a:11:22:33,mq=on,vectors=8,\
bootindex=1,bus=qemu_pcie4,addr=00.0
-device scsi-hd,id=dev-incus_root,drive=incus_root,serial=incus_root,bootindex=0,\
device_id=incus_root,channel=0,lun=1,bus=qemu_scsi.0
-device scsi-cd,id=dev-incus_agent,drive=incus_agent,serial=incus_agent,bootindex=2,\
device_id=incus_agent,channel=0,lun=1,bus=qemu_scsi.0
-device virtio-blk-pci,id=dev-incus_data,drive=incus_data,serial=incus_data,bootindex=3,\
bus=qemu_pcie5,addr=00.0"""


def read(document: dict[str, Any]) -> Given:
    (given,) = recognise(yaml.safe_dump(document).encode(), "web1.yaml")
    return given


def having(devices: dict[str, Any] | None = None, **config: str | None) -> dict[str, Any]:
    """The web server with other keys (a dot is written as two underscores) and more devices."""
    document: dict[str, Any] = yaml.safe_load(WEB)
    for key, value in config.items():
        document["config"][key.replace("__", ".")] = value
    document["config"] = {key: value for key, value in document["config"].items() if value}
    document["devices"] |= devices or {}
    return document


def unstarted(**config: str | None) -> dict[str, Any]:
    """An instance of which Incus keeps nothing."""
    return having(None, volatile__vm__boot_state=None, **config)


INSTANCES: dict[str, dict[str, Any]] = {
    "web": having(),
    "unstarted": unstarted(),
    "local": unstarted(migration__stateful=None),
    "windows": having(image__os="Windows", security__csm="false"),
    "bios": having(security__csm="true"),
    "iommu": having(security__iommu="true"),
    "windows-iommu": having(image__os="Windows", security__iommu="true"),
    "one": unstarted(limits__cpu=None),
    "explicit": unstarted(limits__cpu="sockets=2,cores=2,threads=2"),
    "pinned": unstarted(limits__cpu="0-3,7"),
    "fixed-memory": unstarted(limits__memory__hotplug="false"),
    "more-memory": unstarted(limits__memory__hotplug="8GiB"),
    "huge-pages": having(limits__memory__hugepages="true"),
    "kernel": having(raw__qemu="-kernel /boot/vmlinuz -append 'a b'"),
    "nvme": having({"fast": {"type": "disk", "source": "f", "pool": "p", "io.bus": "nvme"}}),
    "usb-disk": having({"stick": {"type": "disk", "source": "s", "pool": "p", "io.bus": "usb"}}),
    "iso": having({"cd": {"type": "disk", "source": "/srv/a.iso", "boot.priority": "9"}}),
    "cards": having({f"eth{n}": {"type": "nic", "nictype": "bridged"} for n in range(1, 10)}),
    "long-names": having({"a" * 40: {"type": "disk", "source": "l", "pool": "p"}}),
    "old": unstarted(volatile__vm__definition="pc-q35-8.2", systemd__credential__a="b"),
}


def test_the_guest_is_that_of_qemu_conf_and_of_what_is_plugged() -> None:
    line = LINE.format(conf=DATA / "web.conf").split()
    plugged = [word for each in PLUGGED.splitlines() for word in each.split(" ", 1)]
    guest = guest_given(read_guest(DATA / "web.yaml"))
    assert guest.arguments == guest_of([*line, *plugged]).arguments
    assert [part.subject for part in guest.missing if "migration.stateful" in part.reason] == []


def places(given: Given) -> Iterator[tuple[str, str]]:
    for option, text in zip(given.words, given.words[1:], strict=False):
        fields = dict(parse_fields(text, "driver")) if option == "-device" else {}
        if "addr" in fields:
            yield fields["bus"], fields["addr"]


@pytest.mark.parametrize("name", INSTANCES)
def test_every_device_has_a_place_of_its_own_on_a_bus_that_is_there(name: str) -> None:
    given = read(INSTANCES[name])
    taken = list(places(given))
    assert len(taken) == len(set(taken))
    devices = [dict(parse_fields(text, "driver")) for text in given.words if "id=" in text]
    ids = [fields["id"] for fields in devices if "id" in fields and "bus" in fields]
    assert len(ids) == len(set(ids))
    assert {bus for bus, _ in taken} <= {"pcie.0", *ids}
    assert guest_given(given).arguments


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("unstarted", "host,hv_relaxed"),
        ("local", "host,hv_passthrough,migratable=no,+invtsc"),
        ("explicit", "8,cores=2,sockets=2,threads=2"),
        ("more-memory", "2048M,maxmem=8192M,slots=8"),
        ("bios", "virtio-vga,id=qemu_gpu,addr=3.0,bus=pcie.0"),
        ("iommu", "virtio-iommu-pci,id=qemu_iommu,addr=1.0,bus=pcie.0"),
        ("usb-disk", "usb-bot,id=usb_dev-incus_stick,bus=qemu_usb.0"),
        ("cards", "id=dev-incus_eth9"),
        ("long-names", "drive=incus_4zzfnH9xILmOjHhAiVPgfy7NG"),
        ("kernel", "a b"),
    ],
)
def test_what_an_instance_asks_for(name: str, written: str) -> None:
    assert any(written in word for word in read(INSTANCES[name]).words)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("unstarted", "machine"),
        ("unstarted", "-cpu"),
        ("unstarted", "-m maxmem"),
        ("unstarted", "-smp maxcpus"),
        ("pinned", "limits.cpu"),
    ],
)
def test_what_the_host_decides_at_a_start_is_named(name: str, subject: str) -> None:
    assert [p for p in read(INSTANCES[name]).uncovered if p.subject == subject and p.counts]


@pytest.mark.parametrize(
    "device",
    [
        {"type": "gpu"},
        {"type": "pci", "address": "01:00.0"},
        {"type": "nic", "nictype": "sriov"},
        {"type": "disk", "source": "/srv", "path": "/srv"},
        {"type": "warp"},
    ],
)
def test_what_is_left_out_is_named(device: dict[str, str]) -> None:
    given = read(having({"odd": device}))
    assert [part for part in given.uncovered if "odd" in part.subject and part.counts]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (having(volatile__vm__boot_state="{"), "volatile.vm.boot_state"),
        (unstarted(limits__cpu="many"), "limits.cpu"),
        (unstarted(limits__cpu="99999"), "limits.cpu"),
        (unstarted(limits__memory="50%"), "limits.memory"),
        (unstarted(limits__memory="much"), "limits.memory"),
        ({**having(), "architecture": "aarch64"}, "x86_64 alone"),
        (having({"a": {"type": "disk", "io.bus": "ide"}}), "io.bus is 'ide'"),
        ({**having(), "devices": {}}, "no root disk"),
    ],
)
def test_an_error_says_what_is_wrong(document: dict[str, Any], said: str) -> None:
    with pytest.raises(GuestError) as caught:
        read(document)
    assert said in caught.value.message
    assert caught.value.hint


def test_json_of_the_api_is_read_too() -> None:
    document = having()
    expanded = {"expanded_config": document["config"], "expanded_devices": document["devices"]}
    api = {"architecture": "x86_64", "config": {}, "devices": {}, **expanded}
    (given,) = recognise(json.dumps(api, indent=1).encode(), "web1.json")
    assert given.words == read(document).words
