"""The stream that a command is given: a file in any wrapping, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from qcompat.errors import UsageError
from qcompat.stream.container import Wrapping, unwrapped, unwrapped_file
from qcompat.stream.reader.reader import Reader, reading

file_argument = click.argument("file", type=click.Path(path_type=Path))


@contextmanager
def given(
    file: Path, snapshot: str | None, *, memory: bool = True
) -> Iterator[tuple[Wrapping, Reader]]:
    """A reader of the stream in `file`, and what the stream is wrapped in."""
    if file == Path("-"):
        wrapped = unwrapped_file(sys.stdin.buffer, snapshot=snapshot)
    elif file.is_dir():
        raise UsageError(f"{file} is a directory", "name a file with a migration stream")
    else:
        wrapped = unwrapped(file, snapshot=snapshot)
    with wrapped as (wrapping, stream), reading(stream, memory=memory) as reader:
        yield wrapping, reader
