from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from qcompat.app.asked_guest import AskedGuest
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.registry import Registry
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import MOMENT, Accel, Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.run_firmware import run_firmware, why_not
from qcompat.portrait.take import take
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab
GUEST = ("-machine", "pc-q35-5.2", "-nodefaults", "-m", "128")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Firmware gets less time than any takes."""
    monkeypatch.setattr(
        "qcompat.portrait.twin.moment.run_firmware", partial(run_firmware, seconds=0.2)
    )


@pytest.mark.usefixtures("hurried")
async def test_where_the_firmware_is_not_idle_in_time_the_guest_is_shown_before_it(
    newest: Build, newest_facts: BuildFacts
) -> None:
    guest = parse([*GUEST, "-device", "VGA"])
    asked = await take(newest, guest, newest_facts, moment="firmware", accel="tcg")
    before = await take(newest, guest, newest_facts, moment="reset", accel="tcg")
    assert asked.moment == "reset"
    assert [gap.part for gap in asked.gaps] == [MOMENT]
    assert asked.pci == before.pci
    assert asked.own_load is not None
    assert asked.own_load.loads


async def test_a_guest_larger_than_this_machine_is_shown_before_its_firmware_runs(
    newest: Build, newest_facts: BuildFacts, accel: Accel
) -> None:
    if accel != "kvm":
        pytest.skip("needs KVM")
    guest = parse(["-machine", "pc-q35-5.2", "-nodefaults", "-m", "512G"])
    found = await take(newest, guest, newest_facts, moment="firmware", accel=accel)
    assert found.moment == "reset"
    assert [gap.reason for gap in found.gaps if gap.part == MOMENT] == [why_not(guest, accel)]
    assert why_not(guest, "tcg") == why_not(parse(GUEST), accel) == ""


async def test_where_one_firmware_is_not_idle_both_ends_show_the_guest_before_it(
    newest: Build, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portraits = Portraits(registry, tmp_path)
    asked = AskedGuest(parse(GUEST), accel="tcg", moment="firmware")
    ran = await asked.portrait_on(portraits, newest.name)
    other = next(name for name in registry.names() if name != newest.name)
    monkeypatch.setattr(
        "qcompat.portrait.twin.moment.run_firmware", partial(run_firmware, seconds=0.2)
    )
    found = await asked.portraits_on(portraits, newest.name, other)
    assert ran.moment == "firmware"
    assert [each.moment for each in found] == ["reset", "reset"]
    assert [gap.part for gap in judge(*found).gaps] == [MOMENT]


async def test_after_firmware_the_bars_are_programmed(
    newest: Build, newest_facts: BuildFacts
) -> None:
    guest = parse(["-machine", "pc-q35-7.2", "-nodefaults", "-m", "128", "-device", "VGA"])
    before = await take(newest, guest, newest_facts, moment="reset", accel="tcg")
    after = await take(newest, guest, newest_facts, moment="firmware", accel="tcg")
    assert after.gaps == ()

    def bar0(portrait: Portrait) -> int:
        function = next(f for f in portrait.pci if f.address == "0000:00:01.0")
        return int.from_bytes(function.config[0x10:0x14], "little") & ~0xF

    assert bar0(before) == 0
    assert bar0(after) != 0
