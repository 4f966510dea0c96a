"""Where a kernel goes in a guest's memory, by Linux's rules. That it runs is `test_boot`."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from qcompat.arch.architecture import usual
from qcompat.errors import FetchError, FileFormatError
from qcompat.linux.boot_protocol import MAILBOX, MAILBOX_SIZE, VECTOR, Loading, hook, load
from qcompat.linux.kernel import obtain_kernel

ARCHIVE = bytes(range(256)) * 100
LINE = "rdinit=/init quiet"


@pytest.fixture(scope="module")
def image() -> bytes:
    try:
        return obtain_kernel(usual()).image.read_bytes()
    except FetchError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def loading(image: bytes) -> Loading:
    return load(image, ARCHIVE, LINE)


def at(loading: Loading, address: int) -> bytes:
    (found,) = (part.data for part in loading.parts if part.address == address)
    return found


@pytest.mark.lab
def test_the_whole_kernel_is_there(image: bytes, loading: Loading) -> None:
    setup, kernel = at(loading, 0x10000), at(loading, 0x100000)

    assert len(setup) + len(kernel) == len(image)
    assert image.endswith(kernel)


@pytest.mark.lab
def test_its_header_says_where_its_archive_and_its_line_are(loading: Loading) -> None:
    setup = at(loading, 0x10000)
    place, size = struct.unpack_from("<II", setup, 0x218)
    (line,) = struct.unpack_from("<I", setup, 0x228)

    assert at(loading, place) == ARCHIVE
    assert size == len(ARCHIVE)
    assert at(loading, line) == LINE.encode() + b"\0"


@pytest.mark.lab
def test_no_part_lies_over_another_or_where_the_kernel_unpacks_itself(loading: Loading) -> None:
    setup = at(loading, 0x10000)
    (preferred,) = struct.unpack_from("<Q", setup, 0x258)
    (needed,) = struct.unpack_from("<I", setup, 0x260)
    spans = sorted(
        [(part.address, part.address + len(part.data)) for part in loading.parts]
        + [(preferred, preferred + needed)]
    )

    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert preferred >= MAILBOX + MAILBOX_SIZE
    assert spans[-1][1] < loading.least


def test_the_hook_puts_the_vector_back_and_enters_the_setup_code() -> None:
    code, vector = hook(b"\x53\xff\x00\xf0")

    assert vector.address == VECTOR
    assert struct.unpack("<HH", vector.data) == (code.address, 0)
    assert b"\x70\x00\x53\xff\x00\xf0" in code.data
    assert code.data.endswith(b"\xea" + struct.pack("<HH", 0, 0x1020))  # boot.rst: segment + 0x20


@pytest.mark.parametrize("image", [b"", bytes(1 << 20), b"MZ" + bytes(0x200) + b"HdrS"])
def test_what_is_no_kernel_is_refused(image: bytes) -> None:
    with pytest.raises(FileFormatError, match="no bzImage"):
        load(image, ARCHIVE, LINE)
