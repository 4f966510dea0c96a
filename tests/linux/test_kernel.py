"""The guest's kernel comes from the cache, and its modules in the order in which they load."""

from __future__ import annotations

import lzma
from pathlib import Path

import msgspec
import pytest
import zstandard

from qcompat.arch.architecture import usual
from qcompat.builds.fetch.mirror import Sites
from qcompat.errors import FetchError, FileFormatError, StoreError
from qcompat.linux.kernel import Module, load_modules, obtain_kernel, wanted


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path))
    return tmp_path / "guest-kernel" / usual().kernel_package


def placed(home: Path, *files: str) -> Path:
    root = home / "root-a"
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    current = {"root": "root-a", "packages": []}
    (home / "current.json").write_bytes(msgspec.json.encode(current))
    return root


def test_what_is_in_the_cache_is_used_without_a_network(home: Path) -> None:
    root = placed(home, "boot/vmlinuz-6.1", "usr/bin/busybox", "usr/lib/modules/6.1/modules.order")
    kernel = obtain_kernel(usual(), sites=Sites("http://127.0.0.1:9/debian"))

    assert kernel.image == root / "boot/vmlinuz-6.1"
    assert kernel.modules == root / "usr/lib/modules/6.1"


def test_a_tree_without_a_kernel_says_what_to_do(home: Path) -> None:
    placed(home, "usr/bin/busybox")

    with pytest.raises(StoreError, match=r"boot/vmlinuz") as caught:
        obtain_kernel(usual())
    assert str(home) in caught.value.hint


@pytest.mark.lab
def test_an_error_says_why_it_cannot_be_fetched_and_what_helps(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.builds.fetch.fetch._ATTEMPTS", 1)

    with pytest.raises(FetchError, match="the guest boots Debian's kernel") as caught:
        obtain_kernel(
            usual(), sites=Sites("http://127.0.0.1:9/debian", "http://127.0.0.1:9/security")
        )
    assert str(home) in caught.value.hint


def module(*others: str) -> bytes:
    return b"\x7fELF\0license=GPL\0depends=" + ",".join(others).encode() + b"\0intree=Y\0"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "virtio_net.ko.xz").write_bytes(lzma.compress(module("net_failover")))
    (tmp_path / "net" / "net-failover.ko.zst").write_bytes(
        zstandard.ZstdCompressor().compress(module("failover"))
    )
    (tmp_path / "failover.ko").write_bytes(module())
    return tmp_path


def test_what_a_module_needs_is_read_from_itself() -> None:
    assert Module("a", module("scsi-mod", "cdrom")).needs == ("scsi_mod", "cdrom")
    assert Module("a", module()).needs == ()
    assert Module("a", b"no module").needs == ()


def test_what_a_module_drives_is_read_from_itself() -> None:
    data = b"\x7fELF\0alias=pci:v00008086d00001000sv*\0depends=\0alias=net-pf-17\0alias=\xff\0"

    assert Module("a", data).aliases == ("pci:v00008086d00001000sv*", "net-pf-17")


def test_each_module_comes_after_what_it_needs(tree: Path) -> None:
    loaded = load_modules(tree, ["virtio_net", "failover"])

    assert [one.name for one in loaded] == ["failover", "net_failover", "virtio_net"]
    assert all(one.data.startswith(b"\x7fELF") for one in loaded)


def test_a_module_that_the_kernel_does_not_have_is_left_out(tree: Path) -> None:
    assert [one.name for one in load_modules(tree, ["e1000e", "failover"])] == ["failover"]


def test_a_damaged_module_is_named(tree: Path) -> None:
    (tree / "failover.ko.xz").write_bytes(b"not xz")
    (tree / "failover.ko").unlink()

    with pytest.raises(FileFormatError, match=r"failover\.ko\.xz"):
        load_modules(tree, ["failover"])


def test_the_list_of_modules_names_none_twice() -> None:
    assert len(set(wanted())) == len(wanted())
