from __future__ import annotations

import pytest

from qcompat.machine.scenario.migrate import accepts
from tests.machine.scenario.worlds import world


@pytest.mark.parametrize(
    ("check", "travels", "up", "down"),
    [
        ("equal", "no", "blocked", "blocked"),
        ("at-least", "no", "drift", "blocked"),
        ("at-least", "until-reset", "drift", "blocked"),
        ("at-least", "until-power-off", "ok", "blocked"),
        ("none", "no", "drift", "drift"),
        ("none", "until-power-off", "ok", "ok"),
    ],
)
def test_a_verdict_follows_from_check_and_travel(
    check: str, travels: str, up: str, down: str
) -> None:
    before = world(check=check, travels=travels).before
    assert before.cell("net", "1.0", "2.0").verdict == up
    assert before.cell("net", "2.0", "1.0").verdict == down
    assert before.cell("net", "2.0", "2.0").verdict == "ok"


def test_a_reason_names_both_values_and_their_layers() -> None:
    (reason,) = world().before.cell("net", "1.0", "2.0").reasons
    assert (reason.device, reason.property, reason.source, reason.target) == (
        "nic",
        "offload",
        "off",
        "on",
    )
    assert (str(reason.source_origin), str(reason.target_origin)) == (
        "default of 1.0",
        "default of 2.0",
    )


def test_what_no_build_tells_is_unknown() -> None:
    more = '[builds."3.0"]\nmachines = ["pc-1.0"]'
    cell = world(more=more).before.cell("net", "1.0", "3.0")
    assert cell.verdict == "unknown"
    assert cell.reasons[0].target is None


def test_a_behaviour_overrides_every_property() -> None:
    more = '[builds."3.0"]\nfrom = "2.0"\nbehaviour.offload = "off"'
    before = world(more=more).before
    assert before.cell("net", "1.0", "3.0").verdict == "ok"
    assert before.cell("net", "2.0", "3.0").verdict == "blocked"


def test_a_target_may_be_laxer_than_others() -> None:
    more = '[builds."3.0"]\nfrom = "1.0"\nchecks.offload = "none"'
    before = world(more=more).before
    assert before.cell("net", "2.0", "1.0").verdict == "blocked"
    assert before.cell("net", "2.0", "3.0").verdict == "drift"


def test_a_host_without_the_feature_turns_it_off() -> None:
    more = '[hosts.big]\nfeatures = ["tap-offload"]\n[hosts.small]'
    before = world(more=more, check="at-least").before
    assert before.ends == ("1.0 on big", "1.0 on small", "2.0 on big", "2.0 on small")
    assert before.cell("net", "2.0 on big", "2.0 on small").verdict == "blocked"
    assert before.cell("net", "2.0 on small", "2.0 on big").verdict == "drift"
    (reason,) = before.cell("net", "2.0 on big", "2.0 on small").reasons
    assert str(reason.target_origin) == "no tap-offload on host small"


def test_a_device_that_the_target_lacks_blocks() -> None:
    more = '[builds."3.0"]\nfrom = "1.0"\nlacks = ["net-pci"]'
    cell = world(more=more).before.cell("net", "1.0", "3.0")
    assert cell.verdict == "blocked"
    assert "3.0 does not have net-pci" in cell.reasons[0].text


def test_an_order_of_values() -> None:
    assert accepts("at-least", "256", "1024")
    assert not accepts("at-least", "1024", "256")
    assert accepts("at-least", "off", "on")
    assert not accepts("at-least", "on", "off")
    assert not accepts("equal", "1", "2")
