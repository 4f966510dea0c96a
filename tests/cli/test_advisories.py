"""`qcompat advisories`: all known breaks, those of a build, of a guest on it; as OSV records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qcompat.cli import run
from qcompat.rules.advisories.advisory import advisories

Captured = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("bare_machine")


def told(capsys: Captured, *words: str) -> Any:
    assert run(["advisories", *words]) == 0
    return json.loads(capsys.readouterr().out)


def names(document: Any) -> set[str]:
    return {each["name"] for each in document["advisories"]}


def test_all_are_listed(capsys: Captured) -> None:
    assert names(told(capsys, "--json")) == set(advisories())
    assert run(["advisories"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in advisories())


def test_of_a_build_only_those_in_whose_range_it_is(capsys: Captured) -> None:
    of_10_0_13 = told(capsys, "--build", "debian-10.0.13", "--json")
    assert "virtio_queue_size_10_0_13" in names(of_10_0_13)
    assert "virtio_queue_size_10_0_13" not in names(
        told(capsys, "--build", "debian-10.0.2", "--json")
    )
    queue = next(
        each for each in of_10_0_13["advisories"] if each["name"] == "virtio_queue_size_10_0_13"
    )
    assert queue["ends"] == ["source"]


def test_of_a_guest_only_those_about_its_devices(capsys: Captured, source: str) -> None:
    found = told(capsys, "--build", "debian-10.0.13", "--guest", source, "--json")
    assert "virtio_queue_size_10_0_13" in names(found)
    assert not {"nvme_msix_bar", "virtio_gpu_scanout_9_0", "vdagent_state"} & names(found)
    queue = next(
        each for each in found["advisories"] if each["name"] == "virtio_queue_size_10_0_13"
    )
    assert any("0000:00:" in device for device in queue["found"])


def test_a_guest_needs_a_build(capsys: Captured, source: str) -> None:
    assert run(["advisories", "--guest", source]) == 2
    assert "--build BUILD" in capsys.readouterr().err


def test_an_unknown_build_is_told(capsys: Captured) -> None:
    assert run(["advisories", "--build", "debian-9"]) == 2
    assert "debian-9" in capsys.readouterr().err


def test_a_list_of_nothing_says_so(capsys: Captured, bare_machine: Path, source: str) -> None:
    assert bare_machine.exists()
    assert run(["advisories", "--build", "debian-11.1.3", "--guest", source]) == 0
    assert capsys.readouterr().out.strip()


def test_records_keep_the_rules_of_their_format(capsys: Captured) -> None:
    """Those of the OSV schema: id, times, ranges that begin somewhere, events of one kind each."""
    records = told(capsys, "--form", "osv")
    assert {each["id"] for each in records} == {f"QCOMPAT-{name}" for name in advisories()}
    for record in records:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["modified"])
        assert record["summary"] and record["details"]
        for reference in record["references"]:
            assert reference["type"] in ("FIX", "REPORT", "WEB")
            assert reference["url"].startswith("https://")
        for range_ in (each for one in record["affected"] for each in one["ranges"]):
            assert range_["type"] == "SEMVER"
            kinds = [key for event in range_["events"] for key in event]
            assert all(len(event) == 1 for event in range_["events"])
            assert kinds[0] == "introduced" and set(kinds[1:]) in (set(), {"fixed"})
            assert all(
                re.fullmatch(r"0|\d+\.\d+\.\d+", version)
                for event in range_["events"]
                for version in event.values()
            )


def test_a_range_becomes_events(capsys: Captured) -> None:
    (mask,) = (
        each for each in told(capsys, "--form", "osv") if each["id"] == "QCOMPAT-pcie_err_unc_mask"
    )
    (affected,) = mask["affected"]
    assert affected["ranges"] == [
        {"type": "SEMVER", "events": [{"introduced": "8.0.0"}, {"fixed": "8.0.1"}]}
    ]
    assert affected["database_specific"]["other_end"] == ["<8.0.0", ">=8.0.1"]
