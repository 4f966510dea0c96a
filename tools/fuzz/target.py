"""The fuzz target: everything that `qcompat stream` does with a file, on given bytes.

`exercise` returns for every input, with a reading or with a StreamError; any other exception is
a bug, and so are an offset outside of the input and a stream that is written again differently.
`TestOneInput` is the name by which coverage-guided fuzzers such as atheris call it.
"""

from __future__ import annotations

import contextlib
import io

from qcompat.compare.stream.stream import compare_streams
from qcompat.errors import StreamError
from qcompat.report.forms import write
from qcompat.report.output import Output
from qcompat.report.stream.answers import ShownStream, StreamDiff
from qcompat.report.stream.readings import Readings
from qcompat.stream.container import Wrapping
from qcompat.stream.model import Stream
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import read
from qcompat.stream.verify import verify
from qcompat.stream.writer.rewriting import rewritten

_NONE = Wrapping("none")


class WrongReadingError(Exception):
    """A reading that contradicts the bytes it was made from."""


def exercise(data: bytes, other: Stream | None = None) -> str:
    """Read `data` in every way; `read`, or the message of the error that ended reading."""
    with reading(data) as reader:
        found = verify(reader)
    for problem in found.problems:
        if not 0 <= problem.offset <= len(data):
            raise WrongReadingError(f"offset {problem.offset} is not in {len(data)} bytes")
    outcome = _written(data)
    _shown(data)
    stream = _read(data)
    if stream is not None and other is not None:
        ends = (Readings(stream), Readings(other))
        differences = tuple(compare_streams(stream, other))
        write("stream diff", "text", StreamDiff(differences, ends), _nowhere())
    return outcome


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that fuzzers look for
    """Read one input; returns unless there is a bug."""
    exercise(data)


def _written(data: bytes) -> str:
    """Write again what can be read: it must be the same bytes, as far as they go."""
    place = 0
    with reading(data) as reader:
        try:
            for piece in rewritten(reader):
                if piece != data[place : place + len(piece)]:
                    raise WrongReadingError(f"written again differently at about byte {place}")
                place += len(piece)
        except StreamError as error:
            return error.message
    return "read"


def _shown(data: bytes) -> None:
    for form in ("text", "json"):
        with reading(data, memory=False) as reader, contextlib.suppress(StreamError):
            write("stream show", form, ShownStream("", _NONE, reader), _nowhere())


def _nowhere() -> Output:
    return Output(io.StringIO(), verbose=True)


def _read(data: bytes) -> Stream | None:
    try:
        return read(data)
    except StreamError:
        return None
