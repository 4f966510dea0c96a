"""An instance of KubeVirt is the guest of the domain that its virt-launcher defines."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
import pytest
import yaml

from qcompat.errors import FileFormatError, GuestError
from qcompat.guest.given.form import Given
from qcompat.guest.given.kubevirt.convert import words_of
from qcompat.guest.given.kubevirt.resource import instances
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import read_guest, recognise
from qcompat.guest.given.tree import Node

DATA = Path(__file__).parents[3] / "data" / "kubevirt"
WEB = (DATA / "linux.yaml").read_text()


def having(**parts: Any) -> dict[str, Any]:
    """The web server with other parts of its domain; a dot is written as two underscores."""
    document: dict[str, Any] = yaml.safe_load(WEB)
    for path, value in parts.items():
        *above, last = path.split("__")
        place = document["spec"]["domain"]
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return document


def domain(document: dict[str, Any]) -> Element:
    (instance,) = instances(Node(document))
    words_of(instance)
    return instance.root


def read(text: str | bytes) -> Given:
    (given,) = recognise(text if isinstance(text, bytes) else text.encode(), "web1.yaml")
    return given


def test_the_guest_is_that_of_the_domain_that_kubevirt_s_own_test_expects() -> None:
    given, wanted = (read_guest(DATA / f"domain_x86_64.{form}") for form in ("yaml", "xml"))
    assert guest_given(given).arguments == guest_given(wanted).arguments


@pytest.mark.parametrize(
    ("parts", "path", "attributes"),
    [
        ({"cpu": {"model": "host-passthrough"}}, "cpu", {"mode": "host-passthrough"}),
        ({"cpu": {"cores": 3, "model": "EPYC"}}, "cpu/topology", {"sockets": "1", "cores": "3"}),
        ({"cpu__features": [{"name": "vmx"}]}, "cpu/feature", {"name": "vmx", "policy": "require"}),
        ({"cpu__maxSockets": 3}, "vcpus/vcpu[3]", {"enabled": "no", "hotpluggable": "yes"}),
        ({"memory": {"guest": "1500M"}}, "memory", {"unit": "b"}),
        ({"memory__hugepages": {"pageSize": "2Mi"}}, "memoryBacking/source", {"type": "memfd"}),
        ({"memory__hugepages": {"pageSize": "2Mi"}}, "cpu/numa/cell", {"memory": "2097152"}),
        ({"firmware__bootloader": {"efi": {}}}, "os/loader", {"secure": "yes", "type": "pflash"}),
        ({"devices__tpm": {"persistent": True}}, "devices/tpm", {"model": "tpm-crb"}),
        ({"devices__watchdog": {"i6300esb": {"action": "reset"}}}, "devices/watchdog",
         {"model": "i6300esb"}),
        ({"devices__sound": {"name": "a"}}, "devices/sound", {"model": "ich9"}),
        ({"devices__inputs": [{"name": "a", "bus": "usb", "type": "tablet"}]},
         "devices/controller[@type='usb']", {"model": "qemu-xhci"}),
        ({"devices__clientPassthrough": {}}, "devices/redirdev[4]", {"bus": "usb"}),
        ({"devices__autoattachMemBalloon": False}, "devices/memballoon", {"model": "none"}),
        ({"devices__useVirtioTransitional": True}, "devices/disk",
         {"model": "virtio-transitional"}),
        ({"devices__blockMultiQueue": True}, "devices/disk/driver", {"queues": "2"}),
        ({"devices__autoattachVSOCK": True}, "devices/vsock/cid", {"auto": "no"}),
        ({"ioThreadsPolicy": "shared"}, "devices/disk[2]/driver", {"iothread": "1"}),
        ({"features__kvm": {"hidden": True}}, "features/kvm/hidden", {"state": "on"}),
        ({"cpu__dedicatedCpuPlacement": True}, "features/kvm/hint-dedicated", {"state": "on"}),
        ({"clock": {"timezone": "CET"}}, "clock", {"offset": "timezone", "timezone": "CET"}),
        ({"chassis": {"asset": "7"}}, "sysinfo/chassis/entry", {"name": "asset"}),
    ],
)  # fmt: skip
def test_a_part_is_what_virt_launcher_makes_of_it(
    parts: dict[str, Any], path: str, attributes: dict[str, str]
) -> None:
    found = domain(having(**parts)).find(path)
    assert found is not None
    assert {key: found.get(key) for key in attributes} == attributes


def test_every_instance_is_a_guest() -> None:
    for path in sorted(DATA.glob("*.yaml")):
        assert guest_given(read_guest(path)).machine.endswith(("q35", "9.2"))


def test_json_is_the_same_as_yaml() -> None:
    assert read(msgspec.json.encode(yaml.safe_load(WEB))).words == read(WEB).words


def test_a_list_has_several_guests_with_their_names() -> None:
    item = yaml.safe_load(WEB)
    several = {"apiVersion": "v1", "kind": "List", "items": [item, item]}
    given = recognise(msgspec.json.encode(several), "all.json")
    assert [each.where for each in given] == ["all.json, web1"] * 2


def test_a_virtual_machine_is_read_and_says_that_it_is_not_whole() -> None:
    item = yaml.safe_load(WEB)
    machine = {**item, "kind": "VirtualMachine", "spec": {"template": {"spec": item["spec"]}}}
    given = read(msgspec.json.encode(machine))
    assert guest_given(given).arguments == guest_given(read(WEB)).arguments
    assert [part for part in given.uncovered if "get vmi" in part.reason and part.counts]


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        ({"devices__warp": {"x": 1}}, "spec.domain.devices.warp"),
        ({"devices__gpus": [{"name": "a"}]}, "gpus: a"),
        ({"devices__interfaces": [{"name": "a", "sriov": {}}]}, "interface a"),
        ({"machine": {}}, "machine"),
        ({"firmware__bootloader": {"efi": {}}}, "video"),
    ],
)
def test_what_only_the_cluster_knows_is_named(parts: dict[str, Any], subject: str) -> None:
    document = having(**parts)
    document.pop("status")
    (instance,) = instances(Node(document))
    _, uncovered = words_of(instance)
    assert [part for part in uncovered if subject in part.subject and part.counts]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (having(cpu={"cores": "many"}), "spec.domain.cpu.cores is 'many'"),
        (having(cpu={"cores": 99999}), "1024 processors"),
        (having(memory={"guest": "much"}), "spec.domain.memory.guest"),
        (having(devices=[]), "spec.domain.devices"),
        (having(devices={"disks": [{"name": "a", "disk": {"bus": "ide"}}]}), "on the bus 'ide'"),
        (having(devices={"disks": [{"name": "a", "disk": {}}]}), "names no volume"),
        ({"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt"}, "holds no guest"),
        ({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
          "spec": {"instancetype": {"name": "u1"}}}, "spec.instancetype"),
    ],
)  # fmt: skip
def test_an_error_names_the_place(document: dict[str, Any], said: str) -> None:
    with pytest.raises(GuestError) as caught:
        read(msgspec.json.encode(document))
    assert said in caught.value.message.replace("[0]", "")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [x]\nb: *a\n", "anchors or aliases"),
        ("a: " + "[" * 200, "more than 100 levels"),
        ("a: !!python/object:os.system x\n", "no YAML"),
        ("a: [\n", "no YAML"),
        ("a: 2026-99-99\n", "no YAML"),
    ],
)
def test_yaml_that_grows_or_runs_is_refused(text: str, said: str) -> None:
    with pytest.raises(FileFormatError, match=said):
        read(f"apiVersion: kubevirt.io/v1\n{text}")
