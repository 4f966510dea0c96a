from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.trial.matrix.running.saved_stream import Kept


@pytest.mark.parametrize("most", [1 << 20, 1000])
def test_every_reader_has_its_own_place(most: int) -> None:
    content = bytes(range(256)) * 100
    with Kept(most) as kept:
        kept.file.write(content)
        with kept.reader() as one, kept.reader() as other:
            assert one.read(100) == other.read(100) == content[:100]
            assert one.read() == content[100:]
            assert other.read(1) == content[100:101]


def test_a_large_stream_is_in_a_file_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Kept(10) as kept:
        kept.file.write(b"x" * 4096)
        with kept.reader() as reader:
            assert len(reader.read()) == 4096
        assert list(tmp_path.iterdir()) == []
