from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.registry import Registry, check_name
from qcompat.errors import StoreError, UnknownBuildError, UsageError
from tests.builds.build_samples import native, rooted


@pytest.fixture
def empty(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


def test_what_was_added_is_got_back(empty: Registry) -> None:
    empty.add(rooted("/roots/a", "debian-7.2.22"))
    assert empty.get("debian-7.2.22") == rooted("/roots/a", "debian-7.2.22")


def test_names_are_in_numeric_order(empty: Registry) -> None:
    for name in ("debian-10.0.2", "debian-7.2.22", "debian-10.0.13", "mine"):
        empty.add(native("/bin/true", name))
    assert empty.names() == ("debian-7.2.22", "debian-10.0.2", "debian-10.0.13", "mine")
    assert tuple(build.name for build in empty.list()) == empty.names()


def test_a_taken_name_is_refused_unless_it_is_to_be_replaced(empty: Registry) -> None:
    empty.add(native("/a"))
    with pytest.raises(UsageError, match="registered already"):
        empty.add(native("/b"))
    assert empty.get("mine").binary == "/a"
    empty.add(native("/b"), replace=True)
    assert empty.get("mine").binary == "/b"


def test_unknown_name_gets_a_near_one_as_hint(empty: Registry) -> None:
    with pytest.raises(UnknownBuildError) as failure:
        empty.get("debian-7.2.22")
    assert "builds fetch" in failure.value.hint
    empty.add(native("/a", "debian-7.2.22"))
    with pytest.raises(UnknownBuildError) as failure:
        empty.get("debian-7.2.2")
    assert failure.value.hint == "did you mean debian-7.2.22?"
    with pytest.raises(UnknownBuildError) as failure:
        empty.get("zzz")
    assert failure.value.hint == "registered here: debian-7.2.22"


@pytest.mark.parametrize("name", ["", "a/b", "../x", "-x", ".x", "a b", "x" * 101, "a.qcp", "é"])
def test_name_that_a_path_or_a_portrait_could_be_is_refused(name: str, empty: Registry) -> None:
    with pytest.raises(UsageError, match="cannot name a build"):
        check_name(name)
    with pytest.raises(UnknownBuildError):
        empty.get(name)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 99, "build": {}}', b"\xff\xfe\x00"],
)
def test_damaged_entry_is_told_and_can_be_removed(content: bytes, empty: Registry) -> None:
    empty.add(native("/a"))
    path = empty.home / "builds" / "mine.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as failure:
        empty.get("mine")
    assert "qcompat builds remove mine" in failure.value.hint
    empty.remove("mine")
    assert empty.names() == ()


def test_entry_of_a_newer_format_or_under_another_name_is_told(empty: Registry) -> None:
    empty.add(native("/a"))
    path = empty.home / "builds" / "mine.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 3'))
    with pytest.raises(StoreError, match="format 3"):
        empty.get("mine")
    path.write_text(path.read_text().replace('"format": 3', '"format": 2'))
    path.rename(path.with_name("other.json"))
    with pytest.raises(StoreError, match="it describes 'mine'"):
        empty.get("other")


def test_removing_deletes_a_fetched_root_and_no_other(empty: Registry, tmp_path: Path) -> None:
    own, foreign = empty.roots / "root-1", tmp_path / "elsewhere"
    for root in (own, foreign):
        (root / "usr").mkdir(parents=True)
    empty.add(rooted(str(own), "one"))
    empty.add(rooted(str(foreign), "two"))
    empty.remove("one")
    empty.remove("two")
    assert not own.exists()
    assert foreign.exists()
    with pytest.raises(UnknownBuildError):
        empty.remove("one")


@pytest.mark.parametrize(("file", "is_kept"), [("hw-usb.so", True), ("evil.so", False)])
def test_old_entry_keeps_a_module_directory_that_holds_modules_alone(
    file: str, is_kept: bool, empty: Registry, tmp_path: Path
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / file).touch()
    _add_old(empty, str(modules))
    assert empty.get("mine").module_dir == (str(modules) if is_kept else "")


@pytest.mark.parametrize("directory", ["/", "/tmp", "/dev/shm", "/home", "/not/there", ""])
def test_old_entry_loses_a_module_directory_over_the_private_mounts(
    directory: str, empty: Registry
) -> None:
    _add_old(empty, directory)
    assert empty.get("mine").module_dir == ""


def _add_old(registry: Registry, module_dir: str) -> None:
    """An entry as it was written before format 2."""
    registry.add(msgspec.structs.replace(native("/bin/true"), module_dir=module_dir))
    path = registry.home / "builds" / "mine.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
