from __future__ import annotations

import pytest

from qcompat.errors import FileFormatError
from qcompat.machine.model import CompatEntry
from qcompat.machine.scenario.read import read
from tests.machine.scenario.worlds import WORLD, world


def broken(text: str) -> str:
    with pytest.raises(FileFormatError) as caught:
        read(text, "world.toml")
    return caught.value.message


def test_all_problems_are_told_together() -> None:
    text = WORLD.format(check="equals", travels="no", more='[builds."x"]\n', properties="")
    text = text.replace("machine =", "machin =").replace("cpus = 2", "cpus = true")
    message = broken(text)
    assert message.splitlines()[0] == "world.toml: 6 problems"
    assert "visible.offload.check: must be one of 'equal'" in message
    assert "did you mean equal?" in message
    assert "guests.net.machine: is missing" in message
    assert "guests.net.machin: is not a key" in message
    assert "guests.net.cpus: must be a whole number" in message
    assert "builds.x.version: is missing" in message
    assert 'builds."x".machines: is missing' in message


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[builds."2.1"]\nfrom = "2.2"', "there is no build '2.2' (did you mean 2.0?)"),
        (
            '[builds."2.1"]\nfrom = "2.0"\ntables.compat = []',
            'builds."2.1".tables.compat: does not end in a release',
        ),
        (
            '[builds."2.1"]\nfrom = "2.0"\ntables.hw_compat_1_0 = [["net-device", "offload"]]',
            "must be a list of entries",
        ),
        (
            '[builds."2.1"]\nfrom = "2.0"\n'
            'tables.hw_compat_1_0 = [["net-devise", "offload", "off"]]',
            "there is no type 'net-devise' (did you mean net-device?)",
        ),
        ('[builds."2.1"]\nfrom = "2.0"\nbehaviour.ofload = "on"', "no visible 'ofload'"),
        ('[builds."2.1"]\nfrom = "2.0"\ndrops = ["offload"]', "there is no behaviour 'offload'"),
        ('[[ends]]\nname = "a"\nbuild = "3.0"', "ends[1].build: there is no build '3.0'"),
        (
            '[[chains]]\nname = "a"\nguest = "net"\nstops = [{ end = "1.0" }]',
            "chains[1].stops: must be two or more",
        ),
        (
            '[[chains]]\nname = "a"\nguest = "bet"\nstops = [{ end = "1.0" }, { end = "9" }]',
            "chains[1].stops[2].end: there is no end '9'",
        ),
        ('[[expect]]\npairs = { "1.0 -> 9.9" = "ok" }', "there is no end '9.9'"),
        ('[[expect]]\npairs = { "1.0" = "ok" }', 'write "source -> target"'),
        ('[[expect]]\npairs = { " -> 2.0" = "ok" }', 'write "source -> target"'),
        ('[[expect]]\npairs = { "1.0 ->" = "ok" }', 'write "source -> target"'),
        ('[[expect]]\nchains."" = "ok"', 'chains."": must not be empty'),
        ('[builds.""]\nfrom = "1.0"', 'builds."": must not be empty'),
        ('[[chains]]\nname = "a"\nguest = ""\nstops = []', "chains[1].guest: must not be empty"),
        ('[[ends]]\nname = ""\nbuild = "1.0"', "ends[1].name: must not be empty"),
        ('[[expect]]\nwhen = "after"', "refers to a fix, but there is none"),
        ('[[expect]]\nchains = { x = "okay" }', "must be one of 'ok', 'drift'"),
        ('[hosts.a]\nfeature = ["x"]', "hosts.a.feature: is not a key"),
        ('[types.net-device]\nparts = ["net-pci"]', "net-device would contain itself"),
        ("[[builds]]", ""),
        ("fix = 1", ""),
    ],
)
def test_a_problem_names_its_place_and_what_to_do(more: str, told: str) -> None:
    text = WORLD.format(check="equal", travels="no", more=more, properties="")
    assert told in broken(text)


@pytest.mark.parametrize("text", ["", "x = [", "builds = 1", "guests = []", "visible.a = 1"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    assert broken(text).startswith("world.toml: ")


def test_a_property_that_no_build_has_is_noted() -> None:
    text = WORLD.format(check="equal", travels="no", more="", properties="")
    message = broken(text.replace('property = "offload"', 'property = "ofload"'))
    assert "visible.offload.property" in message


def test_a_build_from_another_has_its_tables_and_more() -> None:
    more = """
[builds."2.1"]
from = "2.0"
tables.hw_compat_1_0 = [["net-device", "offload", false]]
[builds."2.2"]
from = "2.1"
tables.hw_compat_1_0 = [["net-device", "offload", true]]
"""
    builds = world(more=more).scenario.before.builds
    off, on = (CompatEntry("net-device", "offload", value) for value in ("off", "on"))
    assert builds["2.1"].tables == {"hw_compat_1_0": (off,)}
    assert builds["2.2"].tables == {"hw_compat_1_0": (off, on)}
    assert (builds["2.2"].version, builds["2.2"].machines) == ("2.2", ("pc-1.0", "pc-2.0"))


def test_a_fix_changes_builds_and_adds_some() -> None:
    more = """
[fix]
about = "an entry"
builds."2.0".tables.hw_compat_1_0 = [["net-device", "offload", "off"]]
[fix.builds."2.1"]
from = "2.0"
[[expect]]
when = "after"
pairs = { "1.0 -> 2.0" = "ok", "1.0 -> 2.1" = "ok" }
[[expect]]
when = "before"
pairs = { "1.0 -> 2.0" = "ok" }
"""
    worked = world(more=more)
    assert worked.before.ends == ("1.0", "2.0")
    assert worked.after is not None
    assert worked.after.ends == ("1.0", "2.0", "2.1")
    assert [each.holds for each in worked.checked] == [True, True, False]
    assert not worked.holds
