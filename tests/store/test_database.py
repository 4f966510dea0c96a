"""Opening the store: made once, private, checked, brought up to date, never replaced."""

from __future__ import annotations

import builtins
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from qcompat.errors import StoreError, UsageError
from qcompat.store.address import named, store_url
from qcompat.store.database import connect
from qcompat.store.migrate import steps
from qcompat.store.transaction import reading


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("QCOMPAT_STORE", raising=False)
    return tmp_path / "home" / "store.db"


def test_it_is_one_private_file_in_the_data_home(file: Path) -> None:
    connect()
    assert [path.name for path in file.parent.iterdir()] == ["store.db"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_every_commit_is_on_the_disk_and_readers_do_not_wait(file: Path) -> None:
    with reading(connect()) as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert file.exists()


@pytest.mark.parametrize(
    "content", [b"", b"no database" * 100, b"SQLite format 3\0" + b"\0" * 2000]
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot|damaged") as caught:
        connect()
    assert "put back a copy" in caught.value.hint
    assert file.read_bytes() == content


def test_a_damaged_page_is_found_when_it_is_opened(file: Path) -> None:
    connect()
    content = bytearray(file.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        connect()
    assert file.read_bytes()[5000:9000] == b"\xff" * 4000


def test_a_store_of_a_newer_qcompat_is_refused_and_left_alone(file: Path) -> None:
    connect()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="newer qcompat") as caught:
        connect()
    assert "upgrade qcompat" in caught.value.hint


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        connect(f"sqlite:///{tmp_path}/file/store.db")


@pytest.mark.parametrize("url", ["mysql://x@y/z", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_another_address_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        store_url(url)
    assert "sqlite:////" in caught.value.hint


def test_no_message_holds_a_password() -> None:
    assert "secret" not in named(store_url("postgresql://me:secret@db/q"))
    with pytest.raises(UsageError) as caught:
        store_url("postgresql://me:secret@db:notaport/q")
    assert "secret" not in caught.value.message + caught.value.hint


def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        connect(f"postgresql://me:secret@/q?host={tmp_path}")
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"
    assert "check that the server runs" in caught.value.hint


def test_postgresql_without_its_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def fail(name: str, *rest: Any) -> Any:
        if name == "psycopg":
            raise ImportError(name)
        return real(name, *rest)

    for module in [each for each in sys.modules if each.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(StoreError) as caught:
        connect("postgresql://me@/q")
    assert "qcompat[postgres]" in caught.value.hint


def test_steps_are_numbered_without_a_gap() -> None:
    assert steps() == tuple(f"{number:04}" for number in range(1, len(steps()) + 1))


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    place = tmp_path / "lineages.db"
    left = [tmp_path / f".lineages.db.new{end}" for end in ("", "-wal", "-shm", "-journal")]
    for _ in ("without a store", "beside a store"):
        for each in left:
            each.write_bytes(b"half")
        connect(f"sqlite:///{place}").dispose()
        assert [path.name for path in tmp_path.iterdir()] == ["lineages.db"]
