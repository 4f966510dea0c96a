"""Apt's own words, recorded from apt 2.6.1, and a private state that says what it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.builds.fetch import apt as apt_module
from qcompat.builds.fetch.apt import Apt, Package, failure
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.fetch.tool import Outcome
from qcompat.errors import FetchError

DATA = Path(__file__).parents[2] / "data" / "builds"
SITES = Sites("http://mirror.example/debian", "http://mirror.example/debian-security")
MISSING = "E: The repository 'http://mirror.example/{} Release' does not have a Release file.\n"
MADISON = """\
qemu-system-x86 | 1:10.0.2+ds-2~bpo12+1 | http://m.example/debian b-backports/main amd64 Packages
qemu-system-x86 | 1:7.2+dfsg-7+deb12u18 | http://m.example/debian b/main amd64 Packages
"""
Answer = Callable[[list[str]], Outcome]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was run; every program but dpkg answers with what `_answers` says."""
    done: list[list[str]] = []

    def run(words: list[str], **_: object) -> Outcome:
        if words[0] == "dpkg":
            return Outcome("amd64\n", "", 0)
        done.append(words)
        return Outcome("", "", 0)

    monkeypatch.setattr(apt_module, "run", run)
    return done


def _answers(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    def run(words: list[str], **_: object) -> Outcome:
        return Outcome("amd64\n", "", 0) if words[0] == "dpkg" else answer(words)

    monkeypatch.setattr(apt_module, "run", run)


def _apt(spec: str, place: Path, sites: Sites = SITES) -> Apt:
    return Apt(parse_suite(spec), sites, "/keys.gpg", place)


def _sources(place: Path) -> list[str]:
    return (place / "sources.list").read_text().splitlines()


@pytest.mark.usefixtures("runs")
def test_sources_are_signed_and_each_from_its_site(tmp_path: Path) -> None:
    _apt("debian/bookworm-backports", tmp_path).update(print)
    options = "deb [arch=amd64 signed-by=/keys.gpg target=Packages]"
    assert _sources(tmp_path) == [
        f"{options} {SITES.main} bookworm main",
        f"{options} {SITES.main} bookworm-backports main",
        f"{options} {SITES.security} bookworm-security main",
        f"{options} {SITES.main} bookworm-updates main",
    ]


@pytest.mark.usefixtures("runs")
def test_a_mirror_that_the_user_names_has_to_be_in_date(tmp_path: Path) -> None:
    """Whatever the host's apt is told about its own."""
    sites = Sites("http://my.example", SITES.security, ("http://my.example",))
    _apt("debian/trixie", tmp_path, sites).update(print)
    dated = ["check-valid-until=yes" in line for line in _sources(tmp_path)]
    assert dated == [True, False, True]


@pytest.mark.usefixtures("runs")
def test_without_a_security_site_there_is_no_such_source(tmp_path: Path) -> None:
    _apt("debian/bookworm", tmp_path, Sites(SITES.main)).update(print)
    assert [line.split()[-2] for line in _sources(tmp_path)] == ["bookworm", "bookworm-updates"]


@pytest.mark.usefixtures("runs")
def test_verification_is_never_switched_off_and_the_host_is_not_touched(tmp_path: Path) -> None:
    _apt("debian/sid", tmp_path).update(print)
    settings = (tmp_path / "apt.conf").read_text()
    assert 'AllowUnauthenticated "false"' in settings
    assert 'AllowInsecureRepositories "false"' in settings
    assert "trusted" not in settings + " ".join(_sources(tmp_path))
    for directory in ("Dir::State", "Dir::State::lists", "Dir::State::status", "Dir::Cache"):
        assert f'{directory} "{tmp_path}/' in settings
    assert (tmp_path / "status").read_bytes() == b""


def test_suites_that_have_gone_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_: list[str]) -> Outcome:
        has_security = any("security" in line for line in _sources(tmp_path))
        told = MISSING.format("debian-security bullseye-security") if has_security else ""
        return Outcome("", told, 100 if has_security else 0)

    _answers(monkeypatch, answer)
    warnings: list[str] = []
    _apt("debian/bullseye", tmp_path).update(warnings.append)
    assert warnings == ["the mirror has no bullseye-security: fetched without"]


@pytest.mark.parametrize(
    ("errors", "hint"),
    [
        (MISSING.format("debian foo") + MISSING.format("debian foo-updates"), "--mirror"),
        ("E: GPG error: x foo InRelease: NO_PUBKEY 123\n", "debian-archive-keyring"),
        ("E: The repository 'http://x foo-security InRelease' is not signed.\n", "keyring"),
        ("E: Failed to fetch x  Could not resolve 'mirror.example'\n", "network"),
        ("E: Write error - write (28: No space left on device)\n", "QCOMPAT_CACHE"),
        ("", "try again later"),
    ],
)
def test_failure_to_load_lists_names_the_cause_and_what_helps(
    errors: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(monkeypatch, lambda _: Outcome("", errors, 100))
    with pytest.raises(FetchError, match="cannot load the package lists of debian/foo") as failed:
        _apt("debian/foo", tmp_path).update(pytest.fail)
    assert hint in failed.value.hint


def test_packages_are_read_from_the_addresses_that_apt_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (DATA / "apt-print-uris.txt").read_text()
    asked: list[str] = []

    def answer(words: list[str]) -> Outcome:
        asked.extend(words)
        return Outcome(f"Reading package lists...\n{told}", "", 0)

    _answers(monkeypatch, answer)
    packages = _apt("debian/bookworm-backports", tmp_path).resolve(["qemu-system-x86", "seabios"])
    assert len(packages) == len(told.splitlines())
    assert (
        Package(
            "qemu-system-x86",
            "1:10.0.2+ds-2+deb13u1~bpo12+1",
            "qemu-system-x86_1%3a10.0.2+ds-2+deb13u1~bpo12+1_amd64.deb",
        )
        in packages
    )
    assert asked[asked.index("-t") + 1] == "bookworm-backports"


def test_target_release_is_named_for_overlays_only(tmp_path: Path, runs: list[list[str]]) -> None:
    """With `-t bullseye` the version in bullseye-security would be passed over."""
    _apt("debian/bullseye", tmp_path).resolve(["qemu-system-x86"])
    assert "-t" not in runs[-1]


def test_version_that_only_the_release_holds_is_not_in_the_overlay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(monkeypatch, lambda _: Outcome(MADISON, "", 0))
    apt = _apt("debian/b-backports", tmp_path)
    assert apt.is_in_overlay(Package("qemu-system-x86", "1:10.0.2+ds-2~bpo12+1", ""))
    assert not apt.is_in_overlay(Package("qemu-system-x86", "1:7.2+dfsg-7+deb12u18", ""))


def test_download_that_lacks_a_file_fails_and_superseded_ones_go(
    tmp_path: Path, runs: list[list[str]]
) -> None:
    package = Package("a", "1:2", "a_1%3a2_all.deb")
    apt = _apt("debian/sid", tmp_path)
    apt.update(print)
    (apt.archives / "a_1%3a1_all.deb").touch()
    with pytest.raises(FetchError, match="cannot download the packages of debian/sid"):
        apt.download([package], print)
    assert "a=1:2" in runs[-1]
    (apt.archives / package.file).touch()
    assert apt.download([package], print) == (apt.archives / package.file,)
    assert [path.name for path in apt.archives.glob("*.deb")] == [package.file]


def test_only_the_first_causes_are_told() -> None:
    errors = "".join(f"E: cause {number}\n" for number in range(9))
    assert failure("x", Outcome("", errors, 100)).message == "x: cause 0; cause 1; cause 2"
