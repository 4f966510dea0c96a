"""What a module needs comes before it; compressed ones are unpacked."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest
import zstandard

from qcompat.errors import FileFormatError
from qcompat.trial.live.module import load_modules, needs, wanted


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
    assert needs(module("scsi-mod", "cdrom")) == ("scsi_mod", "cdrom")
    assert needs(module()) == ()
    assert needs(b"no module") == ()


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
