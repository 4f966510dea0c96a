from __future__ import annotations

from tests.machine.scenario.worlds import world


def chain(stops: str, **how: str) -> tuple[str, list[str]]:
    more = f'[[chains]]\nname = "way"\nguest = "net"\nstops = [{stops}]'
    journey = world(more=more, **how).before.chain("way")
    return journey.verdict, [hop.verdict for hop in journey.hops]


def test_the_birth_decides_where_two_neighbours_agree() -> None:
    helped = '{ end = "1.0" }, { build = "2.0", set.net-device.offload = false }, { end = "2.0" }'
    assert chain(helped) == ("blocked", ["ok", "blocked"])
    assert chain('{ end = "2.0" }, { end = "2.0" }') == ("ok", ["ok"])


def test_a_chain_ends_where_it_is_blocked() -> None:
    assert chain('{ end = "1.0" }, { end = "2.0" }, { end = "1.0" }') == ("blocked", ["blocked"])


def test_state_travels_past_a_build_that_would_make_another() -> None:
    way = '{ end = "1.0" }, { end = "2.0" }, { end = "1.0" }'
    assert chain(way, check="at-least", travels="until-reset") == ("drift", ["drift", "ok"])


def test_a_reset_gives_the_guest_what_its_stop_has() -> None:
    way = '{ end = "1.0" }, { end = "2.0", then = "reset" }, { end = "1.0" }'
    sticky = chain(way, check="at-least", travels="until-power-off")
    assert chain(way, check="at-least", travels="until-reset") == ("blocked", ["drift", "blocked"])
    assert sticky == ("ok", ["ok", "ok"])


def test_a_guest_can_make_a_value_stay() -> None:
    way = """{ end = "1.0", keeps = ["offload"] }, { end = "2.0", then = "reset" },
        { end = "1.0" }"""
    assert chain(way, check="at-least", travels="until-reset") == ("ok", ["ok", "ok"])


def test_a_power_off_ends_what_was_carried_and_set() -> None:
    way = """{ end = "2.0" }, { build = "2.0", set.net-device.offload = "on", then = "power-off" },
        { end = "2.0" }"""
    assert chain(way) == ("ok", ["ok", "ok"])
    more = '[builds."3.0"]\nfrom = "1.0"\n[[chains]]\nname = "way"\nguest = "net"\nstops = [' + (
        '{ end = "2.0" }, { build = "3.0", set.net-device.offload = "on", then = "power-off" }, '
        '{ end = "1.0" }]'
    )
    assert world(more=more).before.chain("way").verdict == "ok"


def test_a_guest_that_its_birth_cannot_start_is_blocked() -> None:
    way = '{ build = "1.0", set.net-device.speed = 1 }, { end = "2.0" }'
    assert chain(way) == ("blocked", [])


def test_a_mark_that_the_target_does_not_have_keeps_it_from_starting() -> None:
    way = '{ end = "1.0" }, { build = "2.0", set.pci-device.speed = 1 }'
    assert chain(way) == ("blocked", ["blocked"])
