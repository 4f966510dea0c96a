"""Fetching from repositories of rpms, made by createrepo_c and rpmbuild, with a key of the test."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli import run
from tests.cli.local_archive import Key, new_key, served
from tests.cli.qemu_archives import rpms_of

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not all(map(shutil.which, ("createrepo_c", "rpmbuild", "gpg", "gpgv"))),
        reason="needs createrepo-c, rpm and gpg",
    ),
]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def key() -> Iterator[Key]:
    with new_key() as made:
        yield made


@pytest.fixture(scope="module")
def made(newest: Build, key: Key, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two repositories, of the emulator and of its libraries."""
    home = tmp_path_factory.mktemp("rpms")
    found = []
    for path in rpms_of(newest, home):
        place = home / f"repo-{path.name}"
        place.mkdir()
        path.rename(place / path.name)
        words = ("createrepo_c", "--quiet", "--compress-type=gz", str(place))
        subprocess.run(words, check=True, capture_output=True)
        sign(place, key)
        found.append(place)
    return found[0], found[1]


def sign(place: Path, key: Key) -> None:
    index = place / "repodata" / "repomd.xml"
    key.sign(index, index.with_suffix(".xml.asc"), "--detach-sign")


class Site:
    """Copies of the two repositories, which a test may spoil."""

    def __init__(self, home: Path, made: tuple[Path, Path], key: Key, url: str) -> None:
        self.first, self.second = home / "site/1", home / "site/2"
        for source, target in zip(made, (self.first, self.second), strict=True):
            shutil.copytree(source, target)
        self.url, self.key, self.home = url, key, home

    def fetch(self, keyring: Path | None = None) -> int:
        words = ("--mirror", f"{self.url}/1", "--base-mirror", f"{self.url}/2")
        keys = ("--keyring", str(keyring or self.key.path))
        return run(["builds", "fetch", "fedora/42", *words, *keys])

    def names(self) -> tuple[str, ...]:
        return Registry(self.home / "home").names()

    def primary(self) -> Path:
        return next((self.first / "repodata").glob("*primary.xml.gz"))


@pytest.fixture
def site(
    made: tuple[Path, Path], key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "site").mkdir()
    with served(tmp_path / "site") as url:
        yield Site(tmp_path, made, key, url)


def test_build_of_two_repositories(site: Site, newest: Build, capsys: Capture) -> None:
    assert site.fetch() == 0, capsys.readouterr().err
    name = f"fedora-{newest.identity.version}"
    assert f"fedora/42 is {name}" in capsys.readouterr().out
    build = Registry(site.home / "home").get(name)
    assert build.binary == "/usr/libexec/qemu-kvm"
    Registry(site.home / "home").add(msgspec.structs.replace(newest, name="original"))
    guest = ("--", "-machine", "q35", "-m", "128M", "-nodefaults")
    assert run(["check", "original", name, *guest]) == 0
    assert site.fetch() == 0  # from the same packages: nothing is downloaded again
    assert "download" not in capsys.readouterr().err
    assert not list((site.home / "cache").glob("rpm-*"))


def test_key_in_text_is_read(site: Site, tmp_path: Path) -> None:
    armoured = tmp_path / "RPM-GPG-KEY-test"
    done = subprocess.run(
        ["gpg", "--enarmor"], input=site.key.path.read_bytes(), capture_output=True
    )
    text = done.stdout.replace(b"PGP ARMORED FILE", b"PGP PUBLIC KEY BLOCK")
    armoured.write_bytes(text)
    assert site.fetch(armoured) == 0


def test_metadata_signed_by_another_key_is_refused(site: Site, capsys: Capture) -> None:
    with new_key() as other:
        assert site.fetch(other.path) == 4
    assert "is not signed by these keys" in capsys.readouterr().err
    assert site.names() == ()


def test_metadata_without_a_signature_is_refused(site: Site, capsys: Capture) -> None:
    (site.second / "repodata" / "repomd.xml.asc").unlink()
    assert site.fetch() == 4
    told = capsys.readouterr().err
    assert "is not signed: cannot download" in told
    assert "qcompat builds add NAME --packages" in told
    assert site.names() == ()


def test_truncated_list_is_refused(site: Site, capsys: Capture) -> None:
    site.primary().write_bytes(site.primary().read_bytes()[:-20])
    assert site.fetch() == 4
    assert "is not the file that the repository's metadata names" in capsys.readouterr().err


def test_swapped_package_is_refused(site: Site, capsys: Capture) -> None:
    package = next(site.first.glob("*.rpm"))
    content = bytearray(package.read_bytes())
    content[-1] ^= 1
    package.write_bytes(content)
    assert site.fetch() == 4
    assert "qemu-kvm-core.rpm is not the file" in capsys.readouterr().err
    assert not list((site.home / "home/roots").glob("root-*"))


def test_package_outside_of_the_repository_is_refused(site: Site, capsys: Capture) -> None:
    """Signed by the right key all the same."""
    old = site.primary()
    text = gzip.decompress(old.read_bytes())
    evil = gzip.compress(re.sub(rb'location href="', b'location href="../2/', text))
    old.write_bytes(evil)
    index = site.first / "repodata" / "repomd.xml"
    first, rest = index.read_text().split('<data type="primary">')
    changed, after = rest.split("</data>", 1)
    digest = hashlib.sha256(evil).hexdigest()
    changed = re.sub(r"(<checksum[^>]*>)[0-9a-f]+", rf"\g<1>{digest}", changed)
    index.write_text(f'{first}<data type="primary">{changed}</data>{after}')
    sign(site.first, site.key)
    assert site.fetch() == 4
    assert "leads out of the repository" in capsys.readouterr().err


def test_wrong_usage_says_what_to_give(site: Site, capsys: Capture) -> None:
    for words, told in (
        (("fedora/42",), "where are the rpms of fedora/42"),
        (("fedora/42", "centos/9", "--mirror", site.url), "one at a time"),
        (("fedora/42", "--component", "x"), "are not for repositories of rpms"),
    ):
        assert run(["builds", "fetch", *words]) == 2
        seen = capsys.readouterr().err
        assert told in seen
        assert "hint: " in seen
