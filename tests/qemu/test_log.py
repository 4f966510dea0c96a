from __future__ import annotations

import asyncio

from qcompat.qemu.log import HEAD, TAIL, Log


def test_a_flood_is_kept_by_its_ends() -> None:
    log = Log()
    for number in range(100_000):
        log.add(b"line %d\n" % number)
    assert log.text.startswith("line 0\n")
    assert log.text.endswith("line 99999\n")
    assert "bytes left out" in log.text
    assert len(log.text) < HEAD + TAIL + 100


def test_warnings_are_no_complaint() -> None:
    log = Log()
    log.add(b"qemu-system-x86_64: warning: host doesn't support svm\n")
    log.add(b"qemu-system-x86_64: -device foo: 'foo' is not a valid device model name\n")
    assert log.complaint == "-device foo: 'foo' is not a valid device model name"


async def test_following_ends_with_the_stream() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"one")
    reader.feed_eof()
    log = Log()
    await log.follow(reader)
    assert log.text == "one"
