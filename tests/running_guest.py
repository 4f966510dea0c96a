"""A guest that really runs, with a QMP socket in a private directory, for tests that look at it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qemu.qmp import QMPClient

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import kill
from qcompat.portrait.portrait import Accel


@contextlib.contextmanager
def running(
    build: Build,
    words: Sequence[str],
    accel: Accel,
    *,
    seconds: float = 0.0,
    writable: Sequence[Path] = (),
) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The socket of a guest that has run for so many seconds, paused with `-S` in its words.

    It may also write in the directories `writable`.
    """
    with tempfile.TemporaryDirectory(prefix="qcompat-") as directory:
        place = Path(directory)
        qmp = ["-qmp", f"unix:{place}/qmp,server=on,wait=off", "-display", "none"]
        process = subprocess.Popen(
            [*command(build, writable=[place, *writable]), "-accel", accel, *qmp, *words],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await(place / "qmp", process)
            time.sleep(seconds)
            yield place / "qmp", process
        finally:
            kill(process)
            process.wait()


def _await(socket: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if socket.exists():
            return
        assert process.poll() is None, "QEMU did not start"
        time.sleep(0.05)
    raise TimeoutError("QEMU did not open its monitor")


Order = tuple[str, dict[str, Any]]
"""A command of QMP with its arguments."""


def plug(driver: str, id_: str = "", **properties: Any) -> Order:
    """Plug a device in; `socket_id=1` is the property `socket-id`."""
    named = {"id": id_} if id_ else {}
    own = {name.replace("_", "-"): value for name, value in properties.items()}
    return "device_add", {"driver": driver, **named, **own}


def give(path: Path, *orders: Order) -> list[Any]:
    """Give a guest of ours these orders; the answers of QEMU. Raises where one is refused."""

    async def all_of_them() -> list[Any]:
        client = QMPClient()
        await client.connect(str(path))
        try:
            return [await client.execute(name, own or None) for name, own in orders]
        finally:
            await client.disconnect()

    return asyncio.run(all_of_them())


def unplug(path: Path, id_: str) -> None:
    """Take a device away, as a guest does that follows; a bus that asks no guest does at once."""
    give(path, ("device_del", {"id": id_}))
    for _ in range(100):
        listed = give(path, ("qom-list", {"path": "/machine/peripheral"}))[0]
        if id_ not in [each["name"] for each in listed]:
            return
        time.sleep(0.05)
    raise TimeoutError(f"{id_} was not unplugged")


_OF_THE_TEST = {"-qmp": 2, "-accel": 2, "-display": 2}


def own_words(line: Sequence[str]) -> list[str]:
    """A printed line without its program, and without what `running` adds."""
    words, found = list(line[1:]), []
    while words:
        taken = _OF_THE_TEST.get(words[0], 0)
        found += [] if taken else words[:1]
        del words[: taken or 1]
    return found


def moved(source: Path, build: Build, line: Sequence[str], accel: Accel) -> str:
    """Really migrate the guest of a socket to `build`, started there with a printed line.

    Empty where it arrived, else how it failed.
    """
    wire = source.parent / "wire"
    incoming = [*own_words(line), "-incoming", f"unix:{wire}"]
    with running(build, incoming, accel, writable=[source.parent]) as (path, process):
        _await(wire, process)
        give(source, ("migrate", {"uri": f"unix:{wire}"}))
        for _ in range(600):
            told = give(source, ("query-migrate", {}))[0]
            status = told.get("status")
            if process.poll() is not None or status in ("failed", "completed"):
                break
            time.sleep(0.05)
        time.sleep(0.3)
        if process.poll() is not None or status != "completed":
            return f"the source says {told}, the target ended with {process.poll()}"
        arrived = give(path, ("query-migrate", {}))[0].get("status")
        return "" if arrived == "completed" else f"the target says {arrived}"
