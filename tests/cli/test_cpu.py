"""`qcompat cpu` as it is typed, on captures in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from qcompat.cli import run
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.capture_file import write_capture
from tests.hosts.samples import VALUES, host

Output = pytest.CaptureFixture[str]
Put = Callable[[HostCapture], str]


@pytest.fixture
def put(tmp_path: Path, bare_machine: Path) -> Put:  # noqa: ARG001 - no build is registered
    def write(capture: HostCapture) -> str:
        path = tmp_path / f"{capture.name}.json"
        write_capture(capture, path)
        return str(path)

    return write


@pytest.fixture
def pair(put: Put) -> tuple[str, str]:
    """The text-book case."""
    arch = "arch-capabilities"
    a = host("host-a", plus=("pcid", "stibp", arch))
    return put(a), put(host("host-b", plus=("taa-no", arch), minus=("pcid",)))


def test_lines_of_the_textbook_case(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "lines", *pair]) == 0
    said = capsys.readouterr().out
    assert "host-a:\n  -cpu host,pcid=off,stibp=off\n" in said
    assert "host-b:\n  -cpu host,taa-no=off\n" in said
    assert "sometimes works" in said and "pcid (CR4)" in said
    assert "not recommended" in said


def test_lines_for_scripts(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "lines", *pair, "--form", "args"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "host-a\t-cpu host,pcid=off,stibp=off",
        "host-b\t-cpu host,taa-no=off",
    ]


def test_lines_as_json(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "lines", *pair, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "qcompat.cpu-lines/1"
    assert [line["off"] for line in told["lines"]] == [["pcid", "stibp"], ["taa-no"]]


def test_a_baseline_says_who_is_to_blame(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "baseline", *pair, "--machine", "pc-q35-7.2"]) == 0
    said = capsys.readouterr().out
    first = said.splitlines()[0]
    assert first.startswith("-machine pc-q35-7.2 -cpu Skylake-Client-v1,")
    assert first.endswith(",pcid=off,enforce")
    assert "host-b lacks  pcid, stibp" in said
    assert "x86-64-v3" in said


def test_a_baseline_for_libvirt(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "baseline", *pair, "--form", "xml"]) == 0
    root = fromstring(capsys.readouterr().out)
    assert root.attrib == {"mode": "custom", "match": "exact", "check": "partial"}
    told = {each.get("name"): each.get("policy") for each in root.iter("feature")}
    assert told["arch-capabilities"] == "require"
    assert told["pcid"] == "disable"


def test_a_baseline_as_json_tells_what_leaving_a_host_out_gains(put: Put, capsys: Output) -> None:
    files = [put(host("a")), put(host("b")), put(host("weak", minus=("avx2",)))]
    assert run(["cpu", "baseline", *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["removals"][0]["without"] == ["weak"]
    assert told["removals"][0]["gained"] == ["avx2"]
    assert told["next_lacks"] == ["avx2"]


def test_a_machine_type_that_a_build_has_not_is_refused(put: Put, capsys: Output) -> None:
    known = ("pc-q35-10.0", "pc-q35-9.2")
    files = [put(host("a", machines=known)), put(host("b", machines=known))]
    assert run(["cpu", "baseline", *files, "--machine", "pc-q35-7.2"]) == 2
    assert "no machine type pc-q35-7.2 on a, b" in capsys.readouterr().err


def test_a_move_that_enforce_blocks(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "compare", *pair, "--guest", "Haswell-v1,enforce"]) == 1
    said = capsys.readouterr().out
    assert "host-a → host-b  blocked" in said
    assert "the host lacks pcid" in said


def test_a_move_that_drifts_each_way(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "compare", *pair, "--guest", "host"]) == 1
    said = capsys.readouterr().out
    assert "host-a → host-b  drift" in said and "host-b → host-a  drift" in said
    assert "the guest loses pcid, stibp" in said


def test_a_move_that_changes_nothing(pair: tuple[str, str], capsys: Output) -> None:
    assert run(["cpu", "compare", *pair, "--guest", "Westmere-v1,enforce", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["moves"][0]["forward"]["outcome"] == "ok"


def test_hosts_of_two_vendors_are_refused(put: Put, capsys: Output) -> None:
    amd = host("b", values={**VALUES, "vendor": "AuthenticAMD"})
    assert run(["cpu", "baseline", put(host("a")), put(amd)]) == 2
    assert "several vendors" in capsys.readouterr().err


def test_a_host_given_twice_is_refused(put: Put, capsys: Output) -> None:
    path = put(host("a"))
    assert run(["cpu", "lines", path, path]) == 2
    assert "host named a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "neither JSON nor XML"),
        ("ELF", "neither JSON nor XML"),
        ("{}", "no reply"),
        ("{ damaged", "not a sequence of JSON objects"),
        ('{"schema": "qcompat.host/9"}', "format qcompat.host/9"),
        ('{"schema": "qcompat.host/1", "host": {"name": 1}}', "not a valid capture"),
        ("<domain/>", "describes no host"),
        ("<a><b></a>", "not valid XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><domainCapabilities>&x;</domainCapabilities>', "XML"),
    ],
)
def test_a_file_that_is_no_host_is_refused(
    content: str,
    word: str,
    tmp_path: Path,
    bare_machine: Path,  # noqa: ARG001
    capsys: Output,
) -> None:
    path = tmp_path / "host.json"
    path.write_text(content)
    assert run(["cpu", "lines", str(path)]) == 2
    said = capsys.readouterr().err
    assert word in said and "hint:" in said
