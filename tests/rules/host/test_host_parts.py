"""What a guest's line wants of its host, by captures of both hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from qcompat.compare.hosts.differences import HostPair
from qcompat.guest.given.line import guest_of
from qcompat.hosts.ask.machine import machine
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.capture_file import decode, encode
from qcompat.hosts.compare import compare_hosts
from qcompat.hosts.machine import UNLIMITED, HugePages, Machine, Node
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.finding import Finding
from qcompat.verdict.judge import judge
from tests.hosts.devices.hosts import host

Recording = Callable[[str], Portrait]
M, G = 1 << 20, 1 << 30
FULL = Machine(
    page=4096,
    transparent_page=2 * M,
    pools=(HugePages(2 * M, 4096, 4096), HugePages(G, 4, 4)),
    nodes=(Node(0, G, "0-3"), Node(1, G, "4-7")),
    locked=UNLIMITED,
    devices={"/dev/vhost-vsock": True, "/dev/vhost-scsi": True},
    kvm={"smm": 1, "hyperv": 1},
)
RAM = "-object memory-backend"
WANTS = {
    f"{RAM}-file,id=m,mem-path=/dev/hugepages,size=4G": {"pools": (HugePages(2 * M, 0, 0),)},
    f"{RAM}-memfd,id=m,hugetlb=on,hugetlbsize=1G,size=2G": {"pools": (HugePages(2 * M, 99, 9),)},
    f"{RAM}-ram,id=m,size=64M,host-nodes=1,policy=bind": {"nodes": (Node(0, G, "0-3"),)},
    f"{RAM}-ram,id=m,size=64M,host-nodes=0-1,policy=bind": {"nodes": (Node(0, G, "0-3"),)},
    "-device vhost-vsock-pci,guest-cid=3": {"devices": {"/dev/vhost-vsock": False}},
    "-machine q35,smm=on": {"kvm": {"smm": 0, "hyperv": 1}},
    "-cpu host,hv_relaxed,hv-time=on": {"kvm": {"smm": 1, "hyperv": 0}},
}
"""What the guest wants, and the target that lacks it."""


def found(recording: Recording, line: str, here: Machine, there: Machine) -> list[Finding]:
    portrait = recording("empty@10.0.13")
    guest = msgspec.structs.replace(portrait.guest, own=guest_of(line.split()).own)
    shown = msgspec.structs.replace(portrait, guest=guest)
    hosts = HostPair(with_machine(here), with_machine(there))
    findings = judge(shown, shown, hosts).forward.findings
    rules = ("host_part_missing_on_target", "host_page_size_changed")
    return [each for each in findings if each.rule in rules and each.promise == "loads"]


def with_machine(machine: Machine) -> HostCapture:
    return msgspec.structs.replace(host("uso"), machine=machine)


@pytest.mark.parametrize("line", WANTS)
def test_what_the_target_lacks_and_the_source_has_is_likely_to_bar_it(
    recording: Recording, line: str
) -> None:
    lacking: dict[str, Any] = WANTS[line]  # type: ignore[assignment]
    there = msgspec.structs.replace(FULL, **lacking)
    (finding,) = found(recording, line, FULL, there)
    assert finding.certainty == "likely"
    assert line.split()[0] in summary_text(finding)
    assert found(recording, line, FULL, FULL) == []
    assert found(recording, line, there, FULL) == []
    assert found(recording, line, there, there) == []


@pytest.mark.parametrize("line", WANTS)
def test_a_capture_that_does_not_tell_leaves_it_possible(recording: Recording, line: str) -> None:
    (finding,) = found(recording, line, FULL, Machine())
    assert (finding.certainty, finding.case) == ("possible", "untold")
    assert found(recording, line, Machine(), Machine()) == [], "captures of earlier versions"


def test_a_limit_of_the_capturing_process_is_only_possible(recording: Recording) -> None:
    low = msgspec.structs.replace(FULL, locked=1 * M)
    (finding,) = found(recording, "-overcommit mem-lock=on", FULL, low)
    assert (finding.certainty, finding.case) == ("possible", "locked")


@pytest.mark.parametrize("line", ["-cpu host,hv-passthrough=on", "-cpu host,hv-time=off", "-m 1G"])
def test_what_no_host_has_to_have_is_not_asked(recording: Recording, line: str) -> None:
    assert found(recording, line, FULL, Machine(kvm={"hyperv": 0}, pools=())) == []


def test_the_blocks_of_virtio_mem_are_those_of_each_hosts_huge_pages(recording: Recording) -> None:
    large = msgspec.structs.replace(FULL, transparent_page=512 * M)
    memory = f"{RAM}-ram,id=m,size=4G"
    (finding,) = found(recording, f"{memory} -device virtio-mem-pci,memdev=m", FULL, large)
    assert (finding.rule, finding.certainty) == ("host_page_size_changed", "likely")
    assert "block-size=2M" in summary_text(finding)
    named = f"{memory} -device virtio-mem-pci,memdev=m,block-size=2M"
    assert found(recording, named, FULL, large) == []
    small = msgspec.structs.replace(FULL, transparent_page=64 << 10)
    tiny = msgspec.structs.replace(FULL, transparent_page=M)
    assert found(recording, f"{memory} -device virtio-mem-pci,memdev=m", small, tiny) == []


def test_this_host_is_asked_and_a_capture_keeps_it() -> None:
    seen = machine()
    assert seen.page
    assert seen.nodes
    assert "/dev/vhost-net" in seen.devices
    capture = with_machine(seen)
    assert decode(encode(capture), "x") == capture


def test_an_earlier_capture_is_read_without_it() -> None:
    assert host("no-uso").machine == Machine()


def test_a_comparison_of_hosts_names_what_differs() -> None:
    other = msgspec.structs.replace(FULL, pools=(), locked=M, devices={})
    facts = {n: (a, b) for n, a, b in compare_hosts(with_machine(FULL), with_machine(other)).facts}
    assert facts["huge pages"] == ("4096 of 2M, 4 of 1G", "none")
    assert facts["memory that may be locked"] == ("unlimited", "1048576 bytes")
    assert facts["device files"] == ("/dev/vhost-vsock, /dev/vhost-scsi", "")
    assert "NUMA nodes" not in facts
