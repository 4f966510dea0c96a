"""Every rule fires on a pair of real portraits, is silent on another, and on identical ones."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.compare.comparison import compare
from qcompat.compare.hosts.differences import HostPair
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules import registry
from qcompat.rules.finding import Finding
from tests.hosts.devices.hosts import host

Recording = Callable[[str], Portrait]

PAIRS = tomllib.loads(Path(__file__).with_name("pairs.toml").read_text())
FIND = {name: module.find for name, module in registry.MODULES.items()}
WITHOUT_RECORDING = {
    *("configuration_changed", "section_unproven", "section_version_lowered"),
    "unmodelled_state_unproven",
    *("host_page_size_changed", "host_part_missing_on_target"),
}
"""No two builds or hosts at hand differ so; tested on recordings with one thing altered."""


def found(
    recording: Recording, rule: str, pair: list[str], hosts: HostPair | None = None
) -> list[Finding]:
    comparison = compare(recording(pair[0]), recording(pair[1]), hosts)
    return [registry.in_time(finding) for finding in FIND[rule](comparison)]


def hosts_of(rule: str, what: str) -> HostPair | None:
    """The hosts of a pair of portraits, for rules that speak of hosts."""
    names = PAIRS[rule].get(f"{what}_hosts")
    return HostPair(*(host(name) for name in names)) if names else None


@pytest.mark.parametrize("rule", PAIRS)
def test_rule_fires(recording: Recording, rule: str) -> None:
    findings = found(recording, rule, PAIRS[rule]["fires"], hosts_of(rule, "fires"))
    assert findings
    assert {finding.rule for finding in findings} == {rule}
    assert all(summary_text(finding) and finding.evidence for finding in findings)


@pytest.mark.parametrize("rule", PAIRS)
def test_rule_is_silent(recording: Recording, rule: str) -> None:
    assert found(recording, rule, PAIRS[rule]["silent"], hosts_of(rule, "silent")) == []


@pytest.mark.parametrize("rule", FIND)
@pytest.mark.parametrize("key", ["blk@10.0.13", "piix@7.2.22", "empty@5.2.0"])
def test_rule_is_silent_on_equal_portraits(recording: Recording, rule: str, key: str) -> None:
    assert found(recording, rule, [key, key]) == []


@pytest.mark.parametrize("rule", FIND)
def test_rule_is_silent_on_equal_portraits_on_equal_hosts(recording: Recording, rule: str) -> None:
    same = HostPair(host("uso"), host("uso"))
    pair = ["net-tap@10.0.13", "net-tap@10.0.13"]
    assert found(recording, rule, pair, same) == []


def test_every_rule_has_a_pair() -> None:
    assert set(FIND) == set(PAIRS) | WITHOUT_RECORDING


def test_every_rule_file_is_registered() -> None:
    package = Path(registry.__file__).parent
    rules = {path.stem for path in package.rglob("*.py") if "\nRULE = " in path.read_text()}
    assert rules == set(FIND)


@pytest.mark.parametrize(
    ("rule", "when"),
    [
        ("acpi_table_changed", "reset"),
        ("memory_map_changed", "reset"),
        ("queue_size_changed", "reset"),
        ("virtio_feature_missing_on_target", "reset"),
        ("cpu_feature_missing_on_target", "now"),
        ("bar_changed", "now"),
        ("acpi_address_changed", "now"),
        ("pci_register_changed", "load"),
    ],
)
def test_finding_says_when_the_guest_notices(recording: Recording, rule: str, when: str) -> None:
    findings = found(recording, rule, PAIRS[rule]["fires"])
    expected = {"loads": "load", "unchanged": when}
    assert {(f.promise, f.when) for f in findings} <= set(expected.items())
    assert when in {finding.when for finding in findings}
