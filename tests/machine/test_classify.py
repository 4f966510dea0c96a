from __future__ import annotations

import pytest

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import BuildFacts, MachineFact
from qcompat.machine.classify import Case, Release, classify, classify_chain


def release(version: str, *machines: str, name: str = "", digest: str = "") -> Release:
    return Release(name or version, version, digest or version, machines)


OLD = release("5.1.0", "pc-q35-5.0", "pc-q35-5.1", "pc-i440fx-5.1")
NEW = release("5.2.0", "pc-q35-5.0", "pc-q35-5.1", "pc-q35-5.2", "pc-i440fx-5.2")
LATE = release("11.1.3", "pc-q35-5.2", "pc-q35-11.1", "none")


@pytest.mark.parametrize(
    ("machine", "source", "target", "case"),
    [
        ("pc-q35-5.2", NEW, NEW, "same_build_newest_machine"),
        ("pc-q35-5.1", OLD, OLD, "same_build_newest_machine"),
        ("pc-q35-5.1", NEW, NEW, "same_build_older_machine"),
        ("pc-q35-5.2", OLD, OLD, "machine_newer_than_build"),
        ("pc-q35-5.2", NEW, OLD, "machine_newer_than_build"),
        ("pc-q35-5.1", NEW, OLD, "newer_to_older"),
        ("pc-q35-5.1", OLD, NEW, "older_to_newer"),
        ("pc-q35-5.1", OLD, LATE, "machine_unknown"),
        ("pc-q35-5.2", LATE, NEW, "newer_to_older"),
        ("microvm", OLD, NEW, "machine_unknown"),
        ("none", LATE, LATE, "same_build_newest_machine"),
    ],
)
def test_each_of_the_six_cases(machine: str, source: Release, target: Release, case: Case) -> None:
    assert classify(machine, source, target).case == case


def test_a_distributions_older_machine_type_is_not_its_newest() -> None:
    build = release("9.1.0", "pc-q35-rhel8.6.0", "pc-q35-rhel9.4.0", "pc-q35-9.1")
    assert classify("pc-q35-rhel8.6.0", build, build).case == "same_build_older_machine"
    assert classify("pc-q35-rhel9.4.0", build, build).case == "same_build_newest_machine"
    assert classify("pc-q35-rhel9.6.0", build, build).case == "machine_newer_than_build"


def test_10_2_is_older_than_10_13() -> None:
    source, target = release("10.0.13", "pc-q35-10.0"), release("10.0.2", "pc-q35-10.0")
    assert classify("pc-q35-10.0", source, target).case == "newer_to_older"


def test_a_machine_newer_than_the_build_names_the_first_build_that_has_it() -> None:
    found = classify("pc-q35-5.2", OLD, OLD, [LATE, NEW, OLD])
    assert (found.lacking, found.first) == ("5.1.0", "5.2.0")
    assert "5.2.0 is the first to have it" in found.summary


def test_a_removed_machine_is_told_apart_from_one_that_never_was() -> None:
    assert "no longer has it" in classify("pc-q35-5.1", NEW, LATE).summary
    assert "does not know it" in classify("microvm", NEW, LATE).summary


def test_without_a_build_that_has_it_none_is_named() -> None:
    found = classify("pc-q35-9.9", NEW, OLD, [LATE])
    assert (found.first, found.lacking) == ("", "5.2.0")


def test_two_builds_of_one_version_are_not_the_same_build() -> None:
    one = release("10.0.2", "pc-q35-10.0", name="debian", digest="a")
    other = release("10.0.2", "pc-q35-10.0", name="fedora", digest="b")
    found = classify("pc-q35-10.0", one, other)
    assert found.case == "older_to_newer"
    assert "either order" in found.summary


def test_an_alias_is_resolved_by_the_source() -> None:
    facts = BuildFacts(
        identity=BuildIdentity("5.2.0", "", "ab"),
        machines=(MachineFact("pc-q35-5.2", alias="q35"), MachineFact("pc-q35-5.1")),
        devices=(),
        states={},
        names=frozenset(),
        markers={},
    )
    source = Release.of("mine", facts)
    assert classify("q35", source, LATE).machine == "pc-q35-5.2"
    assert classify("q35", source, source).case == "same_build_newest_machine"


def test_the_birth_counts_between_two_stops_of_the_same_build() -> None:
    chain = classify_chain("pc-q35-5.1", [OLD, NEW, NEW])
    assert [hop.case for hop in chain.hops] == ["older_to_newer", "same_build_older_machine"]
    assert (chain.birth, chain.carried_by) == ("5.1.0", (1,))
    assert "although these are the same build" in chain.summary


def test_a_chain_that_returns_home_is_seen_by_its_neighbours() -> None:
    chain = classify_chain("pc-q35-5.1", [OLD, NEW, OLD])
    assert chain.carried_by == ()
    assert "same build" not in chain.summary
