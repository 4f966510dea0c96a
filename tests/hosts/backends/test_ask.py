"""What the kernel gives taps is asked of it, and a build offers accordingly."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.run.sandbox import can_make_taps
from qcompat.hosts.backends.ask import ask_backends
from qcompat.hosts.backends.ask_tap import ask_tap
from qcompat.hosts.backends.model import Backends, DeviceOffer, Tap
from qcompat.portrait.portrait import Gap
from tests.hosts.kernels import UDP_TUNNEL, USO, imitate_kernel

pytestmark = pytest.mark.skipif(not can_make_taps(), reason="no tap can be made here")

INTERFACES = Path("/sys/class/net")


def tap_of(answer: Tap | Gap) -> Tap:
    assert isinstance(answer, Tap), answer
    return answer


def network(backends: Backends) -> DeviceOffer:
    (offer,) = [each for each in backends.offers if each.device == "virtio-net-pci"]
    return offer


def test_a_tap_of_a_kernel_of_today_carries_checksums_and_segmentation() -> None:
    tap = tap_of(ask_tap())
    assert tap.vnet_hdr
    assert {"csum", "tso4", "tso6"} <= set(tap.offloads)
    assert tap.queues > 1 or not tap.multiqueue


def test_asking_leaves_no_interface_behind() -> None:
    before = {each.name for each in INTERFACES.iterdir()}
    ask_tap()
    assert {each.name for each in INTERFACES.iterdir()} == before


def test_an_offload_that_the_kernel_refuses_is_not_in_the_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = tap_of(ask_tap())
    if "uso" not in known.offloads:
        pytest.skip("this kernel has no USO to take away")
    imitate_kernel(monkeypatch, tmp_path / "filter", without=USO | UDP_TUNNEL)
    older = tap_of(ask_tap())
    assert set(known.offloads) - set(older.offloads) == {"uso", "udp_tunnel", "udp_tunnel_csum"}
    assert older.vnet_hdr


def test_without_bubblewrap_the_tap_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qcompat.builds.run.sandbox.why_not", lambda: "it is not installed")
    answer = ask_tap()
    assert isinstance(answer, Gap)
    assert "not installed" in answer.reason


@pytest.mark.lab
async def test_a_build_offers_on_the_tap_what_the_kernel_lets_through(
    newest: Build, newest_facts: BuildFacts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = await ask_backends([newest], lambda _: newest_facts)
    if here.tap is None or "uso" not in here.tap.offloads:
        pytest.skip("this kernel has no USO to take away")
    imitate_kernel(monkeypatch, tmp_path / "filter", without=USO)
    there = await ask_backends([newest], lambda _: newest_facts)
    lost = set(network(here).features or ()) - set(network(there).features or ())
    assert lost == {"guest_uso4", "guest_uso6", "host_uso"}
    assert network(here).properties == network(there).properties
    assert network(there).properties["host_uso"] == "on"


@pytest.mark.lab
async def test_older_machine_types_of_a_build_have_their_own_values(
    newest: Build, newest_facts: BuildFacts
) -> None:
    offer = network(await ask_backends([newest], lambda _: newest_facts))
    assert offer.machines[offer.machine] == {}
    assert offer.machines["pc-q35-8.1"]["host_uso"] == "off"
    assert "host_uso" not in offer.machines["pc-q35-8.2"]
