"""The door to portraits: inside a running event loop, into the cache, one policy for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.guest.arguments import parse
from qcompat.guest.startable import without_taps
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits

SOURCE = Path(__file__).parents[2] / "src" / "qcompat"
TAP = parse(["-machine", "q35", "-netdev", "tap,id=n", "-device", "virtio-net-pci,netdev=n"])
PLAIN = parse(["-machine", "q35", "-m", "16M", "-nodefaults"])


def test_only_commands_make_an_event_loop() -> None:
    makers = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "asyncio.run(" in path.read_text()
    ]
    assert makers == ["cli/process/event_loop.py"]


@pytest.fixture
def portraits(builds: Mapping[str, Build], tmp_path: Path, accel: Accel) -> Portraits:
    assert builds
    return Portraits(Portraits.here().registry, tmp_path, accel=accel)


@pytest.mark.lab
async def test_a_portrait_is_taken_in_a_running_event_loop_and_kept(
    portraits: Portraits, newest: Build, accel: Accel
) -> None:
    taken = await portraits.of(newest, PLAIN)
    assert taken.stream is not None
    assert portraits.at_hand(newest, PLAIN, accel=accel)["cached"] == taken
    assert await portraits.of(newest.name, PLAIN) == taken


@pytest.mark.lab
async def test_both_ends_are_taken_and_come_in_their_order(
    portraits: Portraits, builds: Mapping[str, Build]
) -> None:
    one, other = list(builds.values())[:2]
    source, target = await portraits.both(one, other, PLAIN)
    assert (source.build, target.build) == (one.name, other.name)


@pytest.mark.lab
async def test_what_is_not_to_be_kept_is_taken_again(
    portraits: Portraits, newest: Build, accel: Accel
) -> None:
    await portraits.of(newest, PLAIN, keep=False)
    assert not portraits.at_hand(newest, PLAIN, accel=accel).get("cached")


@pytest.mark.lab
async def test_a_guest_is_looked_at_as_this_machine_can_start_it(
    builds: Mapping[str, Build], newest: Build, tmp_path: Path, accel: Accel
) -> None:
    assert builds
    registry = Portraits.here().registry
    portraits = Portraits(registry, tmp_path, accel=accel, startable=without_taps)
    taken = await portraits.of(newest, TAP)
    assert taken.guest == without_taps(TAP)
    assert "offloads" in taken.guest.uncovered[-1].reason
