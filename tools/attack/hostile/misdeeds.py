"""What a hostile QEMU does beside its answers, and what it prints instead of them."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

FOREVER = 3600
ESCAPE = "\x1b[31;1m\x1b]0;evil\x07\x9b2J\r\x08"
_FULL = Path("/tmp/full")  # noqa: S108 - of its own sandbox


def write_all(file: int, data: bytes) -> None:
    """Write all of it, however little is taken at once."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def flood(write: Callable[[bytes], object], data: bytes, times: int = 4000) -> None:
    """The same again and again, until nobody takes it."""
    with contextlib.suppress(OSError):
        for _ in range(times):
            write(data)


def misbehave(how: str) -> None:
    """Do it; some of them do not return."""
    if how.startswith("exit "):
        os._exit(int(how[5:]))
    elif how.startswith("signal "):
        os.kill(os.getpid(), int(how[7:]))
    elif how in _MISDEEDS:
        _MISDEEDS[how]()


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _child() -> None:
    if os.fork() == 0:
        _ignore_signals()
        time.sleep(FOREVER)


def _children() -> None:
    for _ in range(100):
        _child()


def _daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        _child()
        os._exit(0)


def _take_memory() -> None:
    kept = [bytearray(os.urandom(1 << 20) * 16) for _ in range(20)]
    time.sleep(len(kept) / 10)


def _fill_tmp() -> None:
    with contextlib.suppress(OSError), _FULL.open("wb") as file:
        for _ in range(200):
            file.write(bytes(1 << 20))


def _spin() -> None:
    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()


def _write_into_pipes() -> None:
    """Bubblewrap's status goes through one of them."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if str(Path(f"/proc/self/fd/{number}").readlink()).startswith("pipe:"):
                os.set_blocking(number, False)
                os.write(number, b'[{"exit-code": ]\n{"exit-code": null}\n7\n\xff\n')


_WARNING = b"qemu-system-x86_64: warning: " + b"x" * 65_000 + b"\n"
_MISDEEDS: dict[str, Callable[[], object]] = {
    "silence": lambda: time.sleep(FOREVER),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "ignore signals": _ignore_signals,
    "child": _child,
    "children": _children,
    "daemon": _daemon,
    "memory": _take_memory,
    "fill tmp": _fill_tmp,
    "stderr flood": lambda: flood(lambda data: os.write(2, data), _WARNING),
    "stderr escape": lambda: os.write(2, f"qemu-system-x86_64: {ESCAPE} error\n".encode()),
    "stderr bytes": lambda: os.write(2, bytes(range(256)) * 40 + b"\n"),
    "close": lambda: os.closerange(0, 1024),
    "thread": _spin,
    "write status": _write_into_pipes,
}


def spoilt_output(output: bytes, how: str) -> bytes:
    """Another output than the right one; some do not return."""
    if how in ("endless", "drip"):
        _print_forever(output or b"x" * 1000, 1 if how == "drip" else 1 << 16)
    if how in _OUTPUTS:
        return _OUTPUTS[how](output)
    if how in _TEXTS:
        return _TEXTS[how](output.decode(errors="replace")).encode()[: 8 << 20]
    misbehave(how)
    return output


def _print_forever(output: bytes, size: int) -> None:
    while True:
        for at in range(0, len(output), size):
            os.write(1, output[at : at + size])
            time.sleep(0.1 if size == 1 else 0)


_OUTPUTS: dict[str, Callable[[bytes], bytes]] = {
    "one line": lambda _: b"x" * (30 << 20),
    "deep": lambda _: b'{"a":' * 100_000,
    "nothing": lambda _: b"",
    "bytes": lambda _: random.Random(1).randbytes(20_000),  # noqa: S311
    "nul": lambda output: output.replace(b"e", b"\0"),
    "utf-8": lambda output: output.replace(b"a", b"\xff\xfe"),
    "half": lambda output: output[: len(output) // 2],
    "twice": lambda output: output + output,
}
_TEXTS: dict[str, Callable[[str], str]] = {
    "escape": lambda text: text.replace("a", ESCAPE),
    "long words": lambda text: text.replace(" ", "x" * 3000),
    "numbers": lambda text: re.sub(r"\d+", "9" * 5000, text[:20_000]),
    "negative": lambda text: re.sub(r"\d+", "-1", text),
    "upside down": lambda text: "\n".join(reversed(text.splitlines())),
    "no lines": lambda text: text.replace("\n", " "),
    "other kinds": lambda text: re.sub(r": \d+", ': [{}, null, "x"]', text),
}
