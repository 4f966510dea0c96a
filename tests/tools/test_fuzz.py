"""The fuzz target on recorded streams: a few damages each, and cuts at every record.

The target itself runs for hours by `python -m tools.fuzz`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import zstandard

from qcompat.stream.reader.reader import reading
from tools.fuzz import target
from tools.fuzz.damage import damaged
from tools.fuzz.readers import TARGETS, made
from tools.fuzz.readers import exercise as exercise_reader
from tools.fuzz.target import WrongReadingError, exercise

DATA = Path(__file__).parents[1] / "data" / "streams"
SMALL = 400_000
NAMES = sorted(path.name.removesuffix(".mig.zst") for path in DATA.glob("*.mig.zst"))


@cache
def recording(name: str) -> bytes:
    raw = (DATA / f"{name}.mig.zst").read_bytes()
    return zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 24)


@pytest.mark.parametrize("name", [name for name in NAMES if len(recording(name)) <= SMALL])
def test_damaged_recordings_are_read_or_refused(name: str) -> None:
    for seed in range(6):
        exercise(damaged(recording(name), seed))


@pytest.mark.parametrize("kind", ["microvm-small", "postcopy", "ccw", "multifd", "ancient"])
def test_recordings_cut_at_a_record_are_read_or_refused(kind: str) -> None:
    name = next(name for name in NAMES if name.endswith(kind))
    data = recording(name)
    with reading(data) as reader:
        places = sorted({event.offset for event in reader.events()})
    for place in places[:: max(len(places) // 60, 1)]:
        for cut in (place - 1, place, place + 1):
            if 0 <= cut < len(data):
                exercise(data[:cut])


@pytest.mark.parametrize("name", NAMES[::9])
def test_whole_recordings_are_read(name: str) -> None:
    assert exercise(recording(name)) == "read"


def test_damage_is_the_same_for_the_same_seed() -> None:
    data = recording(NAMES[0])
    assert damaged(data, 1) == damaged(data, 1)
    assert len({damaged(data, seed) for seed in range(20)}) > 15


def test_a_reading_that_is_written_differently_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "rewritten", lambda _reader: iter([b"other"]))
    with pytest.raises(WrongReadingError):
        exercise(recording(NAMES[0]))


def test_an_exception_that_is_no_stream_error_is_not_swallowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_reader: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(target, "rewritten", broken)
    with pytest.raises(ZeroDivisionError):
        exercise(recording(NAMES[0]))


def test_what_is_no_stream_is_refused_with_its_message() -> None:
    assert exercise(b"hello").startswith("this is not a migration stream")


@pytest.mark.parametrize("name", TARGETS)
def test_every_reader_reads_its_samples_and_survives_odd_ones(name: str) -> None:
    samples = TARGETS[name].samples()
    assert "read" in {exercise_reader(name, sample) for sample in samples}
    for seed in range(12):
        assert exercise_reader(name, made(name, seed))
    assert made(name, 2) == made(name, 2)
