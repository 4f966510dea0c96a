"""`qcompat machine`, as a user types it, on the facts that come with qcompat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qcompat.machine.store import shipped

QCOMPAT = Path(sys.executable).with_name("qcompat")
SCENARIOS = Path(__file__).parents[2] / "docs" / "explanation" / "scenarios"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with no build registered, so that only what is shipped can answer."""
    environment = os.environ | {"QCOMPAT_HOME": str(home), "QCOMPAT_CACHE": str(home / "cache")}
    words = [str(QCOMPAT), "machine", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert "Traceback" not in done.stderr
    return done


def document(home: Path, *arguments: str) -> Any:
    return json.loads(run(home, *arguments, "--json").stdout)


def test_five_debian_builds_are_known_without_any_qemu(tmp_path: Path) -> None:
    assert len(shipped()) >= 5
    for name in shipped():
        assert run(tmp_path, "list", name).returncode == 0


def test_list_names_alias_default_and_what_each_adds(tmp_path: Path) -> None:
    said = run(tmp_path, "list", "debian-10.0.13", "--family", "pc-q35").stdout
    assert "pc-q35-10.0   q35" in said
    assert "pc-i440fx" not in said
    assert said.endswith("tables reported by the build\n")
    found = {m["name"]: m for m in document(tmp_path, "list", "debian-10.0.13")["machines"]}
    assert found["pc-i440fx-10.0"]["is_default"]
    assert {"driver": "pci-device", "property": "x-pcie-err-unc-mask", "value": "off"} in found[
        "pc-q35-7.2"
    ]["adds"]


def test_tables_of_builds_that_report_none_are_recovered(tmp_path: Path) -> None:
    said = run(tmp_path, "list", "debian-7.2.22", "--family", "pc-q35")
    assert "does not report its tables" in said.stdout
    table = run(tmp_path, "show", "debian-7.2.22", "pc-q35-5.1").stdout
    assert "num-queues=1" in table


def test_show_gives_the_table_in_order_with_what_each_entry_reaches(tmp_path: Path) -> None:
    said = run(tmp_path, "show", "debian-10.0.13", "pc-q35-7.2").stdout
    heads = [line for line in said.splitlines() if not line.startswith(" ")]
    assert heads[0] == "pc-q35-10.0"
    assert heads[-1] == "pc-q35-7.2"
    assert "dead: this build has no such type" in said


def test_an_alias_stands_for_its_machine_type(tmp_path: Path) -> None:
    named = run(tmp_path, "show", "debian-10.0.13", "pc-q35-10.0").stdout
    assert run(tmp_path, "show", "debian-10.0.13", "q35").stdout == named


@pytest.mark.parametrize(
    ("settings", "value", "layer"),
    [
        ((), "1", "machine"),
        (("-global", "virtio-blk-pci.num-queues=3"), "3", "global"),
        (("-device", "virtio-blk-pci,num-queues=2"), "2", "device"),
    ],
)
def test_resolve_tells_the_layer_that_decided(
    settings: tuple[str, ...], value: str, layer: str, tmp_path: Path
) -> None:
    found = document(
        tmp_path,
        *("resolve", "debian-10.0.13", "pc-q35-5.1", "virtio-blk-pci", *settings),
        *("--property", "num-queues"),
    )
    (one,) = found["properties"]
    assert (one["value"], one["layer"]) == (value, layer)


def test_diff_of_two_builds_under_one_machine_type_tells_what_changed(tmp_path: Path) -> None:
    done = run(tmp_path, "diff", "debian-10.0.13:pc-q35-7.2", "debian-11.1.3")
    assert done.returncode == 1
    assert "x-igd-opregion" in done.stdout
    assert done.stdout.startswith("older to newer: debian-11.1.3 must keep for pc-q35-7.2")
    assert "isa-i8259" not in done.stdout
    older = document(tmp_path, "diff", "debian-10.0.13:pc-q35-7.2", "debian-10.0.13:pc-q35-8.0")
    told = {(d["type"], d["property"]): d for d in older["differences"]}
    assert told["e1000e", "x-pcie-err-unc-mask"]["source"] == "off"


def test_audit_finds_a_default_that_changed_without_an_entry(tmp_path: Path) -> None:
    done = run(tmp_path, "audit", "debian-11.1.3", "--against", "debian-10.0.13")
    assert done.returncode == 1
    assert "x-igd-opregion" in done.stdout
    assert '{ "vfio-pci", "x-igd-opregion", "off" },' in done.stdout


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.glob("*.toml")), ids=lambda p: p.stem)
def test_every_scenario_of_the_documentation_holds(scenario: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "matrix", str(scenario)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("list", "debian-1.0"), "no build is called 'debian-1.0'"),
        (("show", "debian-10.0.13", "pc-q35-1.0"), "has no machine type 'pc-q35-1.0'"),
        (("resolve", "debian-10.0.13", "q35", "nothing"), "has no such type"),
        (
            ("resolve", "debian-10.0.13", "q35", "e1000", "-global", "x"),
            "-global x sets no property",
        ),
        (("resolve", "debian-10.0.13", "q35", "e1000", "-m", "1"), "-m is not supported"),
        (("diff", "debian-10.0.13", "debian-11.1.3"), "names no machine type"),
        (("diff", "debian-10.0.13:q35", "debian-10.0.13"), "both ends are the same"),
        (("diff", "debian-7.2.22:pc-q35-10.0", "debian-11.1.3"), "debian-10.0.2 is the first"),
        (("audit", "debian-10.0.13"), "--against"),
    ],
)
def test_wrong_usage_is_one_error_with_a_hint(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "hint:" in done.stderr
