"""`qcompat builds`: what is printed, for people and for programs, and what wrong usage says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.facts import BuildFacts, DeviceFact, MachineFact
from qcompat.builds.registry import Registry
from qcompat.cli import run
from qcompat.errors import FetchError

IDENTITY = BuildIdentity("7.2.22", "Debian 1:7.2+dfsg-7+deb12u18", "ab" * 32)
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "home"


def _registered(home: Path, name: str, binary: str = "/nowhere/qemu") -> Build:
    build = Build(name, IDENTITY, "native", binary, firmware_dirs=("/firmware",))
    Registry(home).add(build)
    return build


def _errors(arguments: list[str], code: int, capsys: Capture) -> str:
    assert run(arguments) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return told.err


def test_list_shows_every_build_and_why_one_is_unusable(home: Path, capsys: Capture) -> None:
    _registered(home, "mine")
    assert run(["builds", "list"]) == 0
    header, row = capsys.readouterr().out.splitlines()[:2]
    assert header.split() == ["name", "version", "arch", "package", "kind", "usable"]
    assert row.split()[:2] == ["mine", "7.2.22"]
    assert "cannot" in row


def test_list_as_json_has_a_schema_and_everything(home: Path, capsys: Capture) -> None:
    build = _registered(home, "mine")
    assert run(["builds", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qcompat.builds/1"
    (entry,) = document["builds"]
    assert entry["identity"]["sha256"] == build.identity.sha256
    assert entry["firmware_dirs"] == ["/firmware"]
    assert entry["unusable"].startswith("cannot read /nowhere/qemu")


def test_empty_list_says_how_to_begin(capsys: Capture) -> None:
    assert run(["builds", "list"]) == 0
    assert "qcompat builds fetch" in capsys.readouterr().err
    assert run(["builds", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["builds"] == []


@pytest.fixture
def shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _registered(home, "mine")
    machine = MachineFact("pc-q35-7.2", "q35")
    device = DeviceFact("e1000", "PCI", "", "\x1b[31mred")
    facts = BuildFacts(
        IDENTITY, (machine,), (device,), {}, frozenset({"e1000"}), {"a": True}, {}, {"states": "?"}
    )
    monkeypatch.setattr("qcompat.builds.identify.confirm", lambda _: None)
    monkeypatch.setattr("qcompat.builds.learn.learn.learn", lambda *_, **__: facts)


@pytest.mark.usefixtures("shown")
def test_show_tells_what_is_known_and_what_was_lost(capsys: Capture) -> None:
    assert run(["builds", "show", "mine"]) == 0
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    told = {row[0]: row[1] for row in rows}
    assert told["package"] == IDENTITY.package
    assert told["machines"] == "1 types; q35 is pc-q35-7.2"
    assert told["behaviours"] == "a"
    assert told["lost:"].split() == ["states", "?"]


@pytest.mark.usefixtures("shown")
def test_show_as_json_has_the_lists_in_full(capsys: Capture) -> None:
    assert run(["builds", "show", "mine", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["build"]["facts"]
    assert facts["machines"][0]["name"] == "pc-q35-7.2"
    assert facts["devices"][0]["type"] == "e1000"
    assert (facts["names"], facts["lost"]) == (1, {"states": "?"})


def test_add_registers_what_the_binary_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("qcompat.app.add_build.identify", lambda _: IDENTITY)
    monkeypatch.chdir(tmp_path)
    firmware = tmp_path / "bios"
    firmware.mkdir()
    arguments = ["builds", "add", "mine", "./qemu", "--firmware-dir", "bios"]
    assert run(arguments) == 0
    told = capsys.readouterr()
    assert told.out == f"registered mine: QEMU 7.2.22, {IDENTITY.package}\n"
    assert "warning: no guest starts: build mine is gone" in told.err
    build = Registry(home).get("mine")
    assert build.binary == f"{tmp_path}/qemu"
    assert build.firmware_dirs == (str(firmware),)
    assert build.module_dir == ""
    assert run(arguments) == 0
    assert capsys.readouterr().out.startswith("registered mine again: QEMU 7.2.22")
    arguments[3] = "./another"
    assert "registered already" in _errors(arguments, 2, capsys)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["add", "a/b", "/bin/true"], 2, "cannot name a build"),
        (["add", "x", "/no/such/qemu"], 4, "No such file or directory"),
        (["add", "x", "/bin/true"], 4, "is not a QEMU system emulator"),
        (["add", "x", "/bin/true", "--firmware-dir", "/no/such"], 2, "does not exist"),
        (["add", "x", "/bin/true", "--firmware-dir", ""], 2, "names no directory"),
        (["add", "x", "/bin/true", "--module-dir", ""], 2, "names no directory"),
        (["add", "x"], 2, "what is x to be made of?"),
        (["add", "x", "/bin/true", "/bin/false"], 2, "one binary is registered at a time"),
        (["add", "x", "qemu.rpm"], 2, "qcompat builds add x --packages FILE"),
        (["add", "qemu.rpm", "--packages", "libc.rpm"], 2, "a name comes first"),
        (["add", "x", "--packages"], 2, "no package is named"),
        (["add", "x", "--packages", "/etc/passwd"], 2, "is no Debian package, rpm or wheel"),
        (["add", "x", "--image", "/etc/passwd"], 2, "is no tar archive"),
        (["add", "x", "--image", "i", "--tree", "t"], 2, "exclude each other"),
        (["add", "x", "image.tar"], 2, "qcompat builds add x --image image.tar"),
        (["add", "x", "/etc"], 2, "qcompat builds add x --root /etc"),
        (["add", "x", "--root", "/no/such"], 2, "is not a directory"),
        (["add", "x", "--root", "/etc/apt"], 4, "no QEMU was found in /etc/apt"),
        (["list", "debian/sid"], 2, "suites are listed with --remote"),
        (["list", "--remote", "sid"], 2, "is not a suite"),
        (["show", "nope"], 2, "no build named 'nope'"),
        (["remove", "nope"], 2, "no build named 'nope'"),
        (["remove", "../../etc/passwd"], 2, "no build named"),
        (["fetch"], 2, "Missing argument"),
        (["fetch", "bookworm"], 2, "is not a suite"),
    ],
)
def test_wrong_usage_gets_one_message_and_a_hint(
    arguments: list[str], code: int, message: str, home: Path, capsys: Capture
) -> None:
    errors = _errors(["builds", *arguments], code, capsys)
    assert message in errors
    assert "hint: " in errors
    assert not list(home.rglob("*.json"))


def test_changed_binary_is_told_before_it_is_asked(home: Path, capsys: Capture) -> None:
    _registered(home, "mine", shutil.which("true") or "")
    errors = _errors(["builds", "show", "mine"], 4, capsys)
    assert "has changed since it was registered" in errors


def test_remove_forgets(home: Path, capsys: Capture) -> None:
    _registered(home, "mine")
    assert run(["builds", "remove", "mine"]) == 0
    assert capsys.readouterr().out == "removed mine\n"
    assert Registry(home).names() == ()


def _fetching(monkeypatch: pytest.MonkeyPatch, fetch: Callable[..., Build]) -> None:
    monkeypatch.setattr("qcompat.cli.builds.fetch_sources.find_sites", lambda *_: None)
    monkeypatch.setattr("qcompat.builds.fetch.fetch.fetch", fetch)


def test_fetch_names_each_build_and_goes_on_after_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def fetch(spec: str, **more: object) -> Build:
        progress = more["progress"]
        progress.step("unpack", 0.5)  # type: ignore[attr-defined]
        progress.warn("no security")  # type: ignore[attr-defined]
        if spec == "debian/buster":
            raise FetchError("the mirror has no buster", "name another")
        return Build("debian-7.2.22", IDENTITY, "root", "/qemu", "/root")

    _fetching(monkeypatch, fetch)
    assert run(["builds", "fetch", "debian/buster", "debian/bookworm"]) == 4
    told = capsys.readouterr()
    assert told.out == f"debian/bookworm is debian-7.2.22 (7.2.22, {IDENTITY.package})\n"
    assert "debian/bookworm: unpack\n" in told.err
    assert "debian/bookworm: warning: no security\n" in told.err
    assert "error: the mirror has no buster\nhint: name another\n" in told.err


def test_wrong_suite_is_told_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    _fetching(monkeypatch, lambda *_, **__: pytest.fail("fetched"))
    assert "is not a suite" in _errors(["builds", "fetch", "debian/bookworm", "noble"], 2, capsys)
