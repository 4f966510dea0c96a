"""The lines for a pool make all offer the same, give up no more than that, and say why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import UsageError
from qcompat.hosts.backends.model import Tap, offloads
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.devices.agreed import Agreed, agreed_now, all_agreed, host_answers
from qcompat.hosts.devices.asked import parse_device
from qcompat.hosts.devices.lines import DeviceLines, device_lines
from qcompat.hosts.devices.members import Member, machine_for, members_of
from qcompat.hosts.devices.offered_features import offered_features
from qcompat.hosts.devices.tap_state import with_plain_taps
from qcompat.portrait.portrait import Device, Gap
from qcompat.portrait.running.observed import Observed, VirtioNow
from tests.hosts.devices.hosts import BUILD, OLDER, host

NET = "virtio-net-pci"
USO = {"guest_uso4": "off", "guest_uso6": "off", "host_uso": "off"}


def pool(hosts: Sequence[HostCapture], device: str, *builds: str) -> tuple[Member, ...]:
    return members_of(hosts, parse_device(device), builds or (BUILD,))


def lines(
    *names: str, device: str = NET, machine: str = "", bridge: str = "", vhost: bool = True
) -> DeviceLines:
    members = pool([host(name) for name in names], device)
    chosen = machine_for(members, machine)
    return device_lines(members, parse_device(device), chosen, vhost=vhost, bridge=bridge)


def test_equal_hosts_need_nothing() -> None:
    found = lines("uso", "uso")
    assert not found.lost
    assert {line.device for line in found.lines} == {NET}


def test_what_one_kernel_lacks_is_off_on_all() -> None:
    found = lines("uso", "no-uso")
    assert [dict(line.settings) for line in found.lines] == [USO, USO]
    assert {each.has for each in found.lost} == {("uso",)}
    ((where, why),) = found.lost[0].lacks
    assert where == "no-uso"
    assert "6.1.0" in why
    assert "uso" in why


def test_what_the_user_gives_the_device_stays_in_its_line() -> None:
    found = lines("uso", "no-uso", device=f"{NET},mac=52:54:00:12:34:56,host_uso=on")
    assert found.lines[0].device == (
        f"{NET},mac=52:54:00:12:34:56,guest_uso4=off,guest_uso6=off,host_uso=off"
    )


def test_what_the_machine_type_has_off_already_is_not_printed() -> None:
    found = lines("uso", "no-uso", machine="pc-q35-8.1")
    assert not found.lost
    assert found.lines[0].device == NET


def test_a_build_without_the_property_never_offers_the_feature() -> None:
    members = pool([host("uso")], NET, BUILD, OLDER)
    machine = machine_for(members)
    assert machine == "pc-q35-7.2"
    asked = parse_device(f"{NET},host_uso=on")
    found = {line.build: line.device for line in device_lines(members, asked, machine).lines}
    assert found == {BUILD: f"{NET},host_uso=off", OLDER: NET}


def test_vhost_counts_only_where_the_guest_uses_it() -> None:
    assert [dict(line.settings) for line in lines("uso", "vhost").lines] == [
        {"queue_reset": "off"},
        {"queue_reset": "off"},
    ]
    assert not lines("uso", "vhost", vhost=False).lost


def test_taps_without_a_header_are_made_alike_on_the_netdev() -> None:
    found = lines("uso", "bare")
    assert {line.netdev for line in found.lines} == {(("vnet_hdr", "off"),)}
    assert {line.device for line in found.lines} == {NET}
    assert {"csum", "host_tso4", "host_uso"} <= {each.feature.name for each in found.lost}


def test_more_queues_need_taps_that_take_them() -> None:
    found = lines("uso", "bare", device=f"{NET},mq=on")
    assert found.lines[0].device == f"{NET},mq=off"
    assert found.queues == 1
    assert lines("uso", "no-uso", device=f"{NET},mq=on").queues == 256


def test_the_least_mtu_of_the_bridges_is_for_all() -> None:
    found = lines("uso", "no-uso", bridge="br0")
    assert [dict(line.settings)["host_mtu"] for line in found.lines] == ["1500", "1500"]
    assert found.mtu is not None
    assert found.mtu.hosts == (("uso", 9000), ("no-uso", 1500))
    assert lines("uso", "uso", bridge="br0").mtu is None


def test_an_mtu_that_a_bridge_does_not_carry_is_lowered() -> None:
    found = lines("uso", "no-uso", bridge="br0", device=f"{NET},host_mtu=9000")
    assert "host_mtu=1500" in found.lines[0].device
    assert "host_mtu=9000" not in found.lines[0].device


def test_a_bridge_that_a_host_does_not_have_is_an_error() -> None:
    with pytest.raises(UsageError, match="bare has no bridge br0"):
        lines("uso", "bare", bridge="br0")


def test_taps_that_were_not_asked_leave_features_undecided() -> None:
    found = lines("uso", "unasked")
    assert "host_uso" in {each.feature.name for each in found.undecided}
    assert "Permission denied" in found.undecided[0].unknown[0][1]
    assert not found.lost


def test_rss_depends_on_more_than_was_asked() -> None:
    found = lines("uso", "uso", device=f"{NET},rss=on")
    assert [each.feature.name for each in found.undecided] == ["rss"]


def test_a_host_without_backends_is_an_error_not_a_guess() -> None:
    bare = HostCapture("libvirt-host", (), origin="domcapabilities")
    with pytest.raises(UsageError, match="libvirt-host does not cover devices") as caught:
        pool([host("uso"), bare], NET)
    assert "host capture" in caught.value.hint


def test_a_machine_type_that_is_not_told_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"pc-q35-3\.0"):
        lines("uso", "no-uso", machine="pc-q35-3.0")


@pytest.mark.parametrize(
    ("agreed", "answers"),
    [(0x1C0000000000000, ["drift", "blocked"]), (0x20, ["drift", "drift"])],
)
def test_what_is_agreed_on_decides(agreed: int, answers: list[str]) -> None:
    members = pool([host("uso"), host("no-uso")], NET)
    fates = host_answers(members, parse_device(NET), machine_for(members), Agreed("", agreed))
    assert [each.answer for each in fates] == answers


def test_a_guest_on_taps_with_a_header_goes_to_no_host_without() -> None:
    members = pool([host("uso"), host("bare")], NET)
    fates = host_answers(members, parse_device(NET), machine_for(members), Agreed("", 0))
    assert [each.answer for each in fates] == ["drift", "blocked"]


@pytest.mark.parametrize(
    ("agreed", "answers"),
    [(0x1C0000000000000, ["unknown", "blocked"]), (0x20, ["unknown", "unknown"])],
)
def test_what_may_be_agreed_on_beyond_is_unknown_unless_enough_is_known(
    agreed: int, answers: list[str]
) -> None:
    members = pool([host("uso"), host("no-uso")], NET)
    partly = Agreed("", agreed, "QEMU did not tell")
    fates = host_answers(members, parse_device(NET), machine_for(members), partly)
    assert [each.answer for each in fates] == answers
    assert all(each.reasons for each in fates)


def test_a_running_guest_tells_of_each_of_its_cards() -> None:
    """One agreed, one is served by another process, of one QEMU names what is not known here."""
    cards = [Device(f"pcie.0/0{n}.0/{NET}", NET, "", "pcie.0", "", {}) for n in (1, 2, 3)]
    inner = f"{cards[0].path}/virtio-bus/virtio-net-device"
    backend = Device(inner, "virtio-net-device", "", "virtio-bus", "", {})
    disk = Device("pcie.0/04.0/d", "virtio-blk-pci", "", "pcie.0", "", {})
    told = (
        VirtioNow(cards[0].path, "", {}, 1, is_driven=True, agreed=0x3),
        VirtioNow(cards[1].path, "", {}, 1, is_driven=True, agreed=0x4, unnamed=("NEW",)),
        VirtioNow(disk.path, "", {}, 2, is_driven=True, agreed=0x100),
    )
    gaps = (Gap(f"virtio of {cards[2].path}", "another process serves it"),)
    devices = (*cards, backend, disk)
    seen = Observed("1", "", "q35", "kvm", "running", virtio=told, devices=devices, gaps=gaps)
    found = agreed_now(seen, parse_device(NET).kind)
    assert [each.features for each in found] == [0x3, 0x4, 0]
    assert [bool(each.beyond) for each in found] == [False, True, True]
    assert "NEW" in found[1].beyond
    assert found[2].beyond == "another process serves it"
    assert all_agreed(found).features == 0x7
    assert all_agreed(found).beyond
    assert not all_agreed(found[:1]).beyond


def test_unknown_offers_of_agreed_features_are_unknown() -> None:
    members = pool([host("uso"), host("unasked")], NET)
    fates = host_answers(
        members, parse_device(NET), machine_for(members), Agreed("", 0x1C0000000000000)
    )
    assert fates[1].answer == "unknown"


TAPS = st.builds(
    Tap,
    vnet_hdr=st.booleans(),
    multiqueue=st.booleans(),
    queues=st.integers(1, 256),
    offloads=st.lists(st.sampled_from([each.name for each in offloads()]), unique=True).map(tuple),
)


def with_tap(tap: Tap, number: int) -> HostCapture:
    sample = host("uso")
    assert sample.backends is not None
    backends = msgspec.structs.replace(sample.backends, tap=tap)
    return msgspec.structs.replace(sample, name=f"host-{number}", backends=backends)


@given(st.lists(TAPS, min_size=1, max_size=5))
def test_with_the_lines_all_hosts_offer_the_same(taps: list[Tap]) -> None:
    """The law of the whole: lines applied, every host exposes the same features."""
    members = pool([with_tap(tap, number) for number, tap in enumerate(taps)], f"{NET},mq=on")
    machine = machine_for(members)
    found = device_lines(members, parse_device(f"{NET},mq=on"), machine)
    offers = []
    for member, line in zip(members, found.lines, strict=True):
        backends = with_plain_taps(member.backends) if line.netdev else member.backends
        view = offered_features(
            backends, member.offer, parse_device(line.device), machine, vhost=True
        )
        offers.append({name for name, each in view.items() if each.is_offered})
    assert all(offer == offers[0] for offer in offers)
    assert not any(set(each.has) == {m.host for m in members} for each in found.lost)


@given(st.lists(TAPS, min_size=2, max_size=4))
def test_the_order_of_hosts_does_not_matter(taps: list[Tap]) -> None:
    hosts = [with_tap(tap, number) for number, tap in enumerate(taps)]
    ways = []
    for order in (hosts, hosts[::-1]):
        members = pool(order, NET)
        found = device_lines(members, parse_device(NET), machine_for(members))
        ways.append({line.host: (line.device, line.netdev) for line in found.lines})
    assert ways[0] == ways[1]
