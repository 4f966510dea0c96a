from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.fetch import mirror
from qcompat.builds.fetch.mirror import Sites, find_keyring, find_sites, host_sites
from qcompat.errors import FetchError

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
    assert find_sites("http://my.example/d/") == Sites("http://my.example/d", SECURITY)
    assert find_sites("", "http://my.example/s") == Sites(MAIN, "http://my.example/s")


def test_no_mirror_is_an_error_that_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    _host_has(monkeypatch)
    with pytest.raises(FetchError, match="no mirror of Debian is known") as failure:
        find_sites()
    assert "--mirror" in failure.value.hint


def _keys_in(monkeypatch: pytest.MonkeyPatch, place: Path, *names: str) -> None:
    for name in names:
        (place / name).touch()
    here = tuple((str(place), pattern) for _, pattern in mirror._KEYRINGS)
    monkeypatch.setattr(mirror, "_KEYRINGS", here)


def test_one_keyring_for_all_suites_is_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keys_in(
        monkeypatch, tmp_path, "debian-archive-keyring.gpg", "debian-archive-trixie-stable.gpg"
    )
    assert find_keyring() == f"{tmp_path}/debian-archive-keyring.gpg"


def test_keys_of_single_suites_are_used_together_but_no_removed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("debian-archive-a-stable.gpg", "debian-archive-b-automatic.gpg")
    _keys_in(monkeypatch, tmp_path, *names, "debian-archive-removed-keys.gpg")
    assert find_keyring() == ",".join(f"{tmp_path}/{name}" for name in names)


def test_without_keys_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keys_in(monkeypatch, tmp_path)
    with pytest.raises(FetchError) as failure:
        find_keyring()
    assert failure.value.hint == "install the package debian-archive-keyring"
