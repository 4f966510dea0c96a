"""Fetching from archives other than Debian's: a real apt, a real archive, and faults in it."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli import run
from tests.cli.local_archive import Key, new_key, publish, served, write_package

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not all(map(shutil.which, ("apt-ftparchive", "gpg", "dpkg-deb"))),
        reason="needs apt-utils, gpg and dpkg",
    ),
]
Capture = pytest.CaptureFixture[str]
PAST = "Thu, 01 Jan 2015 00:00:00 UTC"


@pytest.fixture(scope="module")
def key() -> Iterator[Key]:
    with new_key() as made:
        yield made


@pytest.fixture(scope="module")
def pool(newest: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One real emulator in one package, and the packages of firmware, which are empty."""
    home = tmp_path_factory.mktemp("pool")
    write_package(home, home / "pool/main", "qemu-system-x86", build=newest)
    for name in ("seabios", "ipxe-qemu"):
        write_package(home, home / "pool/main", name)
    write_package(
        home, home / "pool/pve-no-subscription", "pve-qemu-kvm", depends=["qemu-system-x86"]
    )
    return home


class Site:
    """An archive of this test's own, which shares its packages with those of others."""

    def __init__(self, place: Path, pool: Path, key: Key, url: str) -> None:
        self.place, self.url, self._key = place, url, key
        shutil.copytree(pool / "pool", place / "pool", copy_function=_linked)

    def publish(self, suite: str, component: str, origin: str, **more: str) -> Path:
        return publish(self.place, suite, component, origin, self._key, **more)

    def fetch(self, *words: str) -> int:
        keyring = ("--keyring", str(self._key.path))
        return run(["builds", "fetch", "--mirror", self.url, *keyring, *words])


def _linked(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@pytest.fixture
def site(pool: Path, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("qcompat.builds.fetch.fetch._ATTEMPTS", 1)
    place = tmp_path / "site"
    place.mkdir()
    with served(place) as url:
        yield Site(place, pool, key, url)


def registered(tmp_path: Path) -> tuple[str, ...]:
    return Registry(tmp_path / "home").names()


def test_suite_of_ubuntu(site: Site, newest: Build, tmp_path: Path, capsys: Capture) -> None:
    site.publish("noble", "main", "Ubuntu")
    assert site.fetch("ubuntu/noble", "--component", "main") == 0
    told = capsys.readouterr()
    assert "the mirror has no noble-security" in told.err
    assert not Path("/tmp/qcompat-postinst-ran").exists()
    name = f"ubuntu-{newest.identity.version}"
    assert f"ubuntu/noble is {name}" in told.out
    assert registered(tmp_path) == (name,)
    Registry(tmp_path / "home").add(msgspec.structs.replace(newest, name="original"))
    guest = ("--", "-machine", "q35", "-m", "128M", "-nodefaults")
    assert run(["check", "original", name, *guest]) == 0


def test_suite_that_stands_on_debian(site: Site, tmp_path: Path, newest: Build) -> None:
    """Proxmox's emulator takes what it depends on from Debian's suite of the same name."""
    site.publish("trixie", "pve-no-subscription", "Proxmox")
    base = tmp_path / "base"
    base.mkdir()
    shutil.copytree(site.place / "pool", base / "pool", copy_function=_linked)
    publish(base, "trixie", "main", "Debian", site._key)
    with served(base) as url:
        assert site.fetch("proxmox/trixie", "--base-mirror", url) == 0
    assert registered(tmp_path) == (f"proxmox-{newest.identity.version}",)


def test_archive_without_a_name_of_its_own(site: Site, tmp_path: Path, newest: Build) -> None:
    site.publish("stable", "main", "Mine")
    assert site.fetch("mine/stable") == 0
    assert registered(tmp_path) == (f"mine-{newest.identity.version}",)


def test_what_a_suite_holds_is_listed_without_fetching_it(
    site: Site, tmp_path: Path, capsys: Capture
) -> None:
    site.publish("stable", "main", "Mine")
    words = ("--mirror", site.url, "--keyring", str(site._key.path))
    assert run(["builds", "list", "--remote", "mine/stable", "mine/none", *words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qcompat.offers/1"
    here, gone = document["offers"]
    assert (here["suite"], here["version"], here["build"]) == ("mine/stable", "1:1-1", "")
    assert here["size"] > 1_000_000
    assert "does not have a Release file" in gone["reason"]
    assert site.fetch("mine/stable") == 0
    capsys.readouterr()
    assert run(["builds", "list", "--remote", "mine/stable", *words]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["suite", "version", "download", "here"]
    assert table[1].split()[-1] == registered(tmp_path)[0]


def test_release_signed_by_another_key_is_refused(
    site: Site, tmp_path: Path, capsys: Capture
) -> None:
    site.publish("noble", "main", "Ubuntu")
    with new_key() as other:
        words = ("--mirror", site.url, "--keyring", str(other.path), "--component", "main")
        assert run(["builds", "fetch", *words, "ubuntu/noble"]) == 4
    told = capsys.readouterr().err
    assert "cannot load the package lists of ubuntu/noble" in told
    assert "--keyring FILE" in told
    assert registered(tmp_path) == ()


def test_release_changed_after_signing_is_refused(
    site: Site, tmp_path: Path, capsys: Capture
) -> None:
    place = site.publish("noble", "main", "Ubuntu")
    release = place / "InRelease"
    release.write_bytes(release.read_bytes().replace(b"Origin: Ubuntu", b"Origin: Ubuntv"))
    (place / "Release").unlink()
    assert site.fetch("ubuntu/noble", "--component", "main") == 4
    assert "cannot load the package lists of ubuntu/noble" in capsys.readouterr().err
    assert registered(tmp_path) == ()


def test_expired_release_is_refused(site: Site, tmp_path: Path, capsys: Capture) -> None:
    site.publish("noble", "main", "Ubuntu", valid=PAST)
    assert site.fetch("ubuntu/noble", "--component", "main") == 4
    told = capsys.readouterr().err
    assert "is expired" in told
    assert "the mirror is not kept up to date" in told
    assert registered(tmp_path) == ()


def test_truncated_index_is_refused(site: Site, tmp_path: Path, capsys: Capture) -> None:
    index = site.publish("noble", "main", "Ubuntu") / "main/binary-amd64/Packages.gz"
    index.write_bytes(index.read_bytes()[:-40])
    assert site.fetch("ubuntu/noble", "--component", "main") == 4
    assert "cannot load the package lists of ubuntu/noble" in capsys.readouterr().err
    index.write_bytes(gzip.compress(b""))
    assert site.fetch("ubuntu/noble", "--component", "main") == 4
    assert registered(tmp_path) == ()


def test_swapped_package_is_refused(site: Site, tmp_path: Path, capsys: Capture) -> None:
    site.publish("noble", "main", "Ubuntu")
    package = next((site.place / "pool/main").glob("seabios_*.deb"))
    content = bytearray(package.read_bytes())
    content[-1] ^= 1
    package.unlink()
    package.write_bytes(content)
    assert site.fetch("ubuntu/noble", "--component", "main") == 4
    assert "cannot download the packages of ubuntu/noble: " in capsys.readouterr().err
    assert registered(tmp_path) == ()
    assert not list((tmp_path / "home/roots").glob("root-*"))


def test_options_of_one_archive_are_not_taken_for_two(site: Site, capsys: Capture) -> None:
    assert site.fetch("ubuntu/noble", "debian/sid") == 2
    assert "these options are of one archive" in capsys.readouterr().err
