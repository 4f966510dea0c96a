"""Every reader of foreign bytes ends with its own error, whatever the bytes are."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.builds.registry import Registry
from qcompat.errors import FileFormatError, GuestError, QcompatError, StoreError
from qcompat.guest.arguments import parse
from qcompat.guest.given.recognise import recognise as recognise_guest
from qcompat.hosts.read.recognise import recognise as recognise_host
from qcompat.machine.scenario.read import read as read_scenario
from qcompat.portrait.file import unpack
from qcompat.report.matrix.document import read as read_matrix
from qcompat.trial.archive_reader import read_archive

Read = Callable[[bytes, Path], object]

DEEP = b'{"a":' * 100_000
DIGITS = b'{"a":' + b"9" * 5_000 + b"}"
ODD = {
    "empty": b"",
    "deep object": DEEP,
    "deep list": b"[" * 100_000,
    "many digits": DIGITS,
    "many digits in TOML": b"a=" + b"9" * 5_000,
    "deep TOML": b"a=" + b"[" * 100_000,
    "bad UTF-8": b'{"schema":"qcompat.host/\xff"}',
    "unknown encoding": b'<?xml version="1.0" encoding="foo"?><domainCapabilities/>',
    "deep XML": b"<a>" * 100_000,
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><domainCapabilities>&b;</domainCapabilities>',
    "replies of an odd shape": b'{"return":[{"cpu-max":1,"name":"a"},{}],"id":7}{"return":[3]}',
    "an open quote": b"'" * 10_001,
    "zero bytes": bytes(1_000),
    "a number": b"7",
    "null": b"null",
}


def _scenario(data: bytes, _: Path) -> object:
    return read_scenario(data.decode("latin-1"))


def _matrix(data: bytes, home: Path) -> object:
    (home / "matrix.json").write_bytes(data)
    return read_matrix(home / "matrix.json")


def _archive(data: bytes, home: Path) -> object:
    (home / "trial.tar.zst").write_bytes(data)
    return read_archive(home / "trial.tar.zst")


def _entry(data: bytes, home: Path) -> object:
    (home / "builds").mkdir()
    (home / "builds" / "odd.json").write_bytes(data)
    return Registry(home).get("odd")


READERS: dict[str, tuple[Read, type[QcompatError]]] = {
    "host": (lambda data, _: recognise_host(data, "odd"), FileFormatError),
    "guest": (lambda data, _: [parse(g.words) for g in recognise_guest(data, "odd")], QcompatError),
    "portrait": (lambda data, _: unpack(data, "odd"), FileFormatError),
    "scenario": (_scenario, FileFormatError),
    "matrix": (_matrix, FileFormatError),
    "archive": (_archive, FileFormatError),
    "registry": (_entry, StoreError),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_odd_bytes_are_the_one_error_of_their_reader(reader: str, odd: str, tmp_path: Path) -> None:
    read, error = READERS[reader]
    with pytest.raises(error):
        read(ODD[odd], tmp_path)


@pytest.mark.parametrize("option", ["-device", "-machine", "-object", "-blockdev", "-netdev"])
@pytest.mark.parametrize("value", [DEEP.decode(), DIGITS.decode(), '{"driver":[{}]}', "{}"])
def test_an_odd_value_of_an_option_is_at_most_an_error_of_the_guest(
    option: str, value: str
) -> None:
    with contextlib.suppress(GuestError):
        guest = parse([option, value])
        assert parse(guest.arguments).arguments == guest.arguments


@pytest.mark.parametrize("size", ["9" * 5_000, "1e400", "infG", "nan", "-1", "1e999999G"])
def test_an_odd_size_is_an_error_of_the_guest(size: str) -> None:
    with pytest.raises(GuestError):
        parse(["-m", size])
