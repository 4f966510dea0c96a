"""Kills rehearsals of one running guest at random moments, and looks whether the guest noticed.

    python -m tools.attack.rehearse --count 200 --log rehearse.jsonl

The guest's firmware is idle under KVM. After each SIGKILL of the command its monitor has to be
free, the guest running, no descriptor left in it, and no process of the command there. Portions
may be made one after the other: the log is appended to, and told as a whole.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from qemu.qmp import QMPClient

from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import kill
from qcompat.local.home import data_home
from tools.attack import witness
from tools.attack.log import read_log

GUEST = (
    *("-machine", "pc-q35-7.2", "-nodefaults", "-m", "256", "-device", "virtio-rng-pci"),
    *("-blockdev", "null-co,node-name=d,size=1073741824", "-device", "virtio-blk-pci,drive=d"),
    *("-device", "qemu-xhci", "-device", "usb-tablet", "-device", "VGA"),
)
SOURCE, TARGET = "debian-10.0.13", "debian-10.0.2"
FREE_SECONDS = 5.0
"""A monitor that nobody holds answers within that time."""


class Record(msgspec.Struct, frozen=True):
    """One kill: when, in seconds from the start; what was wrong afterwards.

    Without `is_hit` the rehearsal had ended before.
    """

    moment: float
    wrong: tuple[str, ...]
    is_hit: bool


def main() -> int:
    """Kill, log, and tell; 1 if anything was wrong in any portion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--log", type=Path, required=True, help="lines of JSON, appended to")
    asked = parser.parse_args()
    witness.adopt()
    records = read_log(asked.log, Record)
    with _guest() as (monitor, mark), asked.log.open("ab") as log:
        usual = _usual(monitor)
        for number in range(len(records), len(records) + asked.count):
            records.append(_one(monitor, mark, usual, random.Random(number)))  # noqa: S311
            log.write(msgspec.json.encode(records[-1]) + b"\n")
            log.flush()
    print(told(records))
    return 1 if any(each.wrong for each in records) else 0


def told(records: list[Record]) -> str:
    """How many kills there were, and how often each thing was wrong."""
    counts = Counter(what for each in records for what in each.wrong)
    wrong = "; ".join(f"{count} times {what}" for what, count in counts.most_common())
    hits = sum(each.is_hit for each in records)
    late = f", {len(records) - hits} after its end" if hits < len(records) else ""
    return f"{hits} rehearsals killed{late}: {wrong or 'the guest noticed none'}"


@contextlib.contextmanager
def _guest() -> Iterator[tuple[Path, str]]:
    """Its monitor, and what stands in the command line of its own processes alone."""
    with tempfile.TemporaryDirectory(prefix="bystander-") as directory:
        monitor = Path(directory) / "qmp"
        build = Registry(data_home()).get(SOURCE)
        own = ("-display", "none", "-accel", "kvm", "-qmp", f"unix:{monitor},server=on,wait=off")
        process = subprocess.Popen(
            [*command(build, writable=[Path(directory)], kvm=True), *own, *GUEST],
            start_new_session=True,
        )
        try:
            while not monitor.exists():
                if process.poll() is not None:
                    raise SystemExit("the guest did not start")
                time.sleep(0.05)
            time.sleep(1)
            yield monitor, f"unix:{monitor}"
        finally:
            kill(process)
            process.wait()


def _words(monitor: Path) -> list[str]:
    qcompat = str(Path(sys.executable).with_name("qcompat"))
    return [qcompat, "rehearse", "--qmp", str(monitor), "--to", TARGET]


def _usual(monitor: Path) -> float:
    """How long a rehearsal takes, in seconds; the first one takes portraits."""
    for _ in range(2):
        begun = time.monotonic()
        done = subprocess.run(_words(monitor), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"a rehearsal ends with {done.returncode}: {done.stderr}")
    return time.monotonic() - begun


def _one(monitor: Path, mark: str, usual: float, chance: random.Random) -> Record:
    moment = chance.uniform(0, usual * 1.05)
    process = subprocess.Popen(
        _words(monitor), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(moment)
    is_hit = process.poll() is None
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = witness.left_processes(besides=mark)
    return Record(moment, (*(f"left {line}" for line in left), *_noticed(monitor)), is_hit)


def _noticed(monitor: Path) -> tuple[str, ...]:
    try:
        status, sets = asyncio.run(asyncio.wait_for(_asked(monitor), FREE_SECONDS))
    except TimeoutError:
        return ("its monitor is held",)
    return wrongs(status, sets)


def wrongs(status: dict[str, Any], sets: list[Any]) -> tuple[str, ...]:
    """What is wrong with a guest by its answers to query-status and query-fdsets."""
    stopped = (f"the guest is {status['status']}",) if status["status"] != "running" else ()
    return (*stopped, *(("a descriptor is left in the guest's QEMU",) if sets else ()))


async def _asked(monitor: Path) -> tuple[Any, Any]:
    client = QMPClient()
    await client.connect(str(monitor))
    try:
        status: Any = await client.execute("query-status")
        sets: Any = await client.execute("query-fdsets")
        for each in sets:  # the next kill finds a clean guest
            await client.execute("remove-fd", {"fdset-id": each["fdset-id"]})
        return status, sets
    finally:
        await client.disconnect()


if __name__ == "__main__":
    sys.exit(main())
