"""`qcompat source show` over a directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.cli import run
from qcompat.source.obtain import directory
from qcompat.source.obtain.pool import read_all
from tests.source.samples import SOURCES


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    top = tmp_path / "tree"
    write_tree(top)
    return top


def write_tree(top: Path, sources: Mapping[str, str] = SOURCES, version: str = "8.0.50") -> None:
    for path, text in {**sources, "VERSION": f"{version}\n"}.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)


def test_type_is_shown_with_default_and_place(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["source", "show", str(top), "--type", "lamp"]) == 0
    text = capsys.readouterr().out
    assert "queues       4       lamp-base  hw/misc/lamp.c:" in text
    assert "hw_compat_7_2: lamp-base.pm=off" in text


def test_document_holds_everything(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["source", "show", str(top), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == "8.0.50"
    assert {each["name"] for each in document["machines"]} == {
        "pc-q35-7.2", "pc-q35-8.0", "pc-q35-8.1",
    }  # fmt: skip


def test_misspelt_type_gets_a_hint(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["source", "show", str(top), "--type", "lamb"]) == 2
    assert "is it one of lamp" in capsys.readouterr().err


def test_directory_without_source_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["source", "show", str(tmp_path)]) == 2
    assert "holds no source of QEMU" in capsys.readouterr().err


def test_only_a_changed_file_is_read_again(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.read_directory(top)
    read: list[int] = []

    def counted(contents: dict[str, bytes]) -> object:
        read.append(len(contents))
        return read_all(contents)

    monkeypatch.setattr(directory, "read_all", counted)
    changed = (top / "hw/misc/lamp.c").read_text().replace("LAMP_QUEUES 4", "LAMP_QUEUES 16")
    (top / "hw/misc/lamp.c").write_text(changed)
    assert directory.read_directory(top).files["hw/misc/lamp.c"].defines["LAMP_QUEUES"] == "16"
    directory.read_directory(top)
    assert read == [1, 0]


def test_damaged_cache_is_made_anew(top: Path, tmp_path: Path) -> None:
    directory.read_directory(top)
    kept = next((tmp_path / "cache/source-facts").iterdir())
    kept.write_bytes(b"damaged")
    assert "hw/misc/lamp.c" in directory.read_directory(top).files
