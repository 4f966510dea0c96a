from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.fetch import mirror
from qcompat.builds.fetch.archive import Archive, archive_called, find_keyring
from qcompat.builds.fetch.mirror import Sites, find_sites, host_sites
from qcompat.errors import FetchError, UsageError

DEBIAN = archive_called("debian")

MAIN, SECURITY = "http://mirror.example/debian", "http://mirror.example/debian-security"
AFTER_UPDATE = (
    "https://vendor.example/apt|nodistro|main|Vendor|Vendor",
    f"{MAIN}|bookworm-backports|main|Debian|Debian Backports",
    f"{MAIN}|bookworm|main|Debian|Debian",
    f"{SECURITY}|bookworm-security|main|Debian|Debian-Security",
)
BEFORE_UPDATE = (
    "https://vendor.example/apt|bookworm|stable|$(ORIGIN)|$(LABEL)",
    "https://vendor.example/pg|bookworm-pgdg|main|$(ORIGIN)|$(LABEL)",
    f"{MAIN}|bookworm|main|$(ORIGIN)|$(LABEL)",
    f"{SECURITY}|bookworm-security|main|$(ORIGIN)|$(LABEL)",
)


def test_sites_are_those_of_debian_s_suites() -> None:
    assert host_sites(AFTER_UPDATE) == Sites(MAIN, SECURITY)
    assert host_sites(AFTER_UPDATE[:3]) == Sites(MAIN)
    assert host_sites(AFTER_UPDATE[:1]) == Sites("")


def test_before_the_first_update_the_host_s_own_release_counts() -> None:
    assert host_sites(BEFORE_UPDATE, "bookworm") == Sites(MAIN, SECURITY)
    assert host_sites(BEFORE_UPDATE, "trixie") == Sites("")
    assert host_sites(BEFORE_UPDATE) == Sites("")


def _host_has(monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    monkeypatch.setattr(mirror, "_targets", lambda *options: () if options else targets)


def test_what_the_user_names_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    _host_has(monkeypatch, *AFTER_UPDATE)
    assert find_sites() == Sites(MAIN, SECURITY)
    mine = "http://my.example"
    assert find_sites(f"{mine}/d/") == Sites(f"{mine}/d", SECURITY, (f"{mine}/d",))
    assert find_sites("", f"{mine}/s") == Sites(MAIN, f"{mine}/s", (f"{mine}/s",))


def test_no_mirror_is_an_error_that_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    _host_has(monkeypatch)
    with pytest.raises(FetchError, match="no mirror of Debian is known") as failure:
        find_sites()
    assert "--mirror" in failure.value.hint


def _with_keys(place: Path, *names: str) -> Archive:
    for name in names:
        (place / name).touch()
    here = tuple(f"{place}/{Path(pattern).name}" for pattern in DEBIAN.keyrings)
    return msgspec.structs.replace(DEBIAN, keyrings=here)


def test_one_keyring_for_all_suites_is_preferred(tmp_path: Path) -> None:
    names = ("debian-archive-keyring.gpg", "debian-archive-trixie-stable.gpg")
    archive = _with_keys(tmp_path, *names)
    assert find_keyring(archive) == f"{tmp_path}/debian-archive-keyring.gpg"


def test_keys_of_single_suites_are_used_together_but_no_removed_ones(tmp_path: Path) -> None:
    names = ("debian-archive-a-stable.gpg", "debian-archive-b-automatic.gpg")
    archive = _with_keys(tmp_path, *names, "debian-archive-removed-keys.gpg")
    assert find_keyring(archive) == ",".join(f"{tmp_path}/{name}" for name in names)


def test_without_keys_the_package_to_install_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as failure:
        find_keyring(_with_keys(tmp_path))
    assert failure.value.hint.startswith("install the package debian-archive-keyring, or name")
    with pytest.raises(FetchError) as failure:
        find_keyring(archive_called("mine"))
    assert failure.value.hint.startswith("name a file with them: --keyring FILE")


def test_keyring_that_the_user_names_comes_first(tmp_path: Path) -> None:
    key = tmp_path / "key.gpg"
    key.touch()
    assert find_keyring(DEBIAN, str(key)) == str(key)
    with pytest.raises(UsageError, match="does not exist"):
        find_keyring(DEBIAN, "/no/such/key")


def test_security_suites_of_other_archives_lie_on_their_mirror(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ubuntu = archive_called("ubuntu")
    _host_has(monkeypatch, *AFTER_UPDATE)
    with pytest.raises(FetchError, match="no mirror of Ubuntu is known"):
        find_sites(archive=ubuntu)
    mine = "http://u.example"
    assert find_sites(f"{mine}/", archive=ubuntu) == Sites(mine, mine, (mine,))
    own = (
        "http://u.example|noble|main|Ubuntu|Ubuntu",
        "http://s.example|noble-security|main|Ubuntu|U",
    )
    assert host_sites(own, archive=ubuntu) == Sites("http://u.example", "http://s.example")
    assert host_sites(AFTER_UPDATE, archive=archive_called("mine")) == Sites("")
