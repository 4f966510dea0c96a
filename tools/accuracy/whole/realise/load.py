"""A whole guest on one build, saved and loaded by others: `python -m ….load JOB OUT`.

It runs in namespaces of its own (`command`), so that what a guest names can exist, and nothing
that was started outlives it.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from tools.accuracy.whole.realise.backends import realise
from tools.accuracy.whole.realise.line import Option, read
from tools.accuracy.whole.realise.peers import Peers
from tools.accuracy.whole.realise.place import NotHadError, Place
from tools.accuracy.whole.realise.run import EndedError, Running

FIRMWARE_SECONDS = 4.0
SAVE_SECONDS = 180.0
OWN = ("daemonize", "incoming", "S")
"""Options about the process that the realiser gives itself."""
GATE = "/run/stream"
HOST_LACKS = re.compile(
    r"Could not init `\w+' audio driver|/dev/dsp\d* not accessible|"
    "kernel doesn't allow setting HyperV"
)
"""What a build says that knows a back end or feature which this machine does not have."""
PORT_TAKEN = re.compile("Failed to open SPICE sockets|Address already in use")
"""What a build says while the one before it has not quite ended."""


class Job(msgspec.Struct, frozen=True):
    """A line, the build that it starts on, those that load it; `tools` are the roots of builds."""

    words: tuple[str, ...]
    source: Build
    targets: tuple[Build, ...]
    tools: tuple[str, ...]


class Loaded(msgspec.Struct, frozen=True):
    """What happened on one target.

    `kind` is `loaded`, `refused`, `unstarted` (the target does not start this line), `unsaved`
    (the source says that it cannot migrate) or `not_had` (nothing about migration: on the target's
    side this machine lacks what the line wants).
    """

    target: str
    kind: str
    message: str = ""


def command(job: Path, out: Path) -> list[str]:
    """The process that does a job, in mount, network and process namespaces of its own."""
    own = [sys.executable, "-m", "tools.accuracy.whole.realise.load", str(job), str(out)]
    return ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *own]


def main() -> None:
    """Do the job of the first file, write what happened (JSON) to the second."""
    for _ in range(64):
        os.open("/dev/null", os.O_RDONLY)  # low numbers are those that lines hand to QEMU
    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    home = Path(tempfile.mkdtemp(prefix="w", dir=Path(sys.argv[1]).parent))
    place = Place(home)
    try:
        results = load(job, place)
    finally:
        place.clear()
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(results))


def load(job: Job, place: Place) -> list[Loaded]:
    """The outcome on every target."""
    options = [_as_here(option) for option in read(job.words) if option.name not in OWN]
    try:
        _open_network()
        realise(options, place)
        stream = _save(job, options, place)
    except (NotHadError, EndedError) as error:
        return [Loaded(target.name, "not_had", str(error)) for target in job.targets]
    except RuntimeError as error:
        return [Loaded(target.name, "unsaved", str(error)) for target in job.targets]
    return [_load(job, options, place, target, stream) for target in job.targets]


def _as_here(option: Option) -> Option:
    """A tap without the kernel's vhost where this machine has none: QEMU serves the card then.

    QEMU 7.2 ends with a failed assertion for `vhost=on` without /dev/vhost-net (net/net.c:1131).
    """
    if option.name != "netdev" or option.kind != "tap" or Path("/dev/vhost-net").exists():
        return option
    plain = re.sub(r",vhost(fds?|force)?=[^,]*|,?\"vhost(fds?|force)?\":[^,}]*", "", option.value)
    return Option(option.name, plain)


def _open_network() -> None:
    """Every address is of this machine, so that every server that a line names can be here."""
    for words in (
        "link set lo up",
        "route add local 0.0.0.0/0 dev lo",
        "-6 route add local ::/0 dev lo",
    ):
        subprocess.run(["ip", *words.split()], capture_output=True)


def _save(job: Job, options: Sequence[Option], place: Place) -> Path:
    """Start the guest, let its firmware run, save it. Errors: RuntimeError where QEMU refuses."""
    stream = place.home / "stream"
    place.enter(job.source)
    peers = Peers(place, [Path(tool) for tool in job.tools])
    try:
        peers.start(options)
        running = _start(job.source, options, place, peers, ["-S"])
        try:
            _run_firmware(running)
            _migrate(running, place, stream)
        finally:
            running.stop()
    finally:
        peers.stop()
        place.leave()
    return stream


def _start(
    build: Build, options: Sequence[Option], place: Place, peers: Peers, more: Sequence[str]
) -> Running:
    words = [word for option in options for word in option.words]
    line = [*place.wrapped(build), *words, *more]
    return Running(line, place.root, place.home / f"log-{build.name}", peers.descriptors)


def _run_firmware(running: Running) -> None:
    """Until the guest has nothing to do any more: its firmware found nothing to boot."""
    running.ask("cont")
    until = time.monotonic() + FIRMWARE_SECONDS
    before, quiet = running.processor_seconds(), 0
    while time.monotonic() < until and quiet < 2:
        time.sleep(0.4)
        now = running.processor_seconds()
        quiet = quiet + 1 if now - before < 0.08 else 0
        before = now
    running.ask("stop")


def _migrate(running: Running, place: Place, stream: Path) -> None:
    gate = place.listening(GATE)
    taker = threading.Thread(target=_take, args=(gate, stream), daemon=True)
    taker.start()
    running.ask("migrate-set-parameters", **{"max-bandwidth": 10 << 30})
    running.ask("migrate", uri=f"unix:{GATE}")
    until = time.monotonic() + SAVE_SECONDS
    while time.monotonic() < until:
        told = running.ask("query-migrate")
        if told.get("status") == "completed":
            taker.join(20)
            return
        if told.get("status") in ("failed", "cancelled"):
            raise RuntimeError(told.get("error-desc") or running.last_words() or "failed")
        time.sleep(0.03)
    raise NotHadError("saving takes too long")


def _take(gate: socket.socket, stream: Path) -> None:
    with gate, stream.open("wb") as file:
        connection, _ = gate.accept()
        with connection:
            while piece := connection.recv(1 << 20):
                file.write(piece)


def _load(job: Job, options: Sequence[Option], place: Place, target: Build, stream: Path) -> Loaded:
    place.enter(target)
    peers = Peers(place, [Path(tool) for tool in job.tools])
    try:
        peers.start(options)
        running = _start_after(target, options, place, peers)
    except NotHadError as error:
        peers.stop()
        place.leave()
        return Loaded(target.name, "not_had", str(error))
    except EndedError as error:
        peers.stop()
        place.leave()
        kind = "not_had" if HOST_LACKS.search(str(error)) else "unstarted"
        return Loaded(target.name, kind, str(error))
    try:
        return _give(running, place, target, stream)
    finally:
        running.stop()
        peers.stop()
        place.leave()


def _start_after(target: Build, options: Sequence[Option], place: Place, peers: Peers) -> Running:
    """Start a target where another one has just been ended, as soon as its ports are free."""
    for left in reversed(range(6)):
        try:
            return _start(target, options, place, peers, ["-S", "-incoming", f"unix:{GATE}"])
        except EndedError as error:
            if not left or not PORT_TAKEN.search(str(error)):
                raise
            time.sleep(1.0)
    raise AssertionError("the last attempt returns or raises")


def _give(running: Running, place: Place, target: Build, stream: Path) -> Loaded:
    """Feed the stream, and let the guest run on a little."""
    try:
        _send(place, stream)
        until = time.monotonic() + SAVE_SECONDS
        while running.ask("query-status")["status"] == "inmigrate":
            if time.monotonic() > until:
                return Loaded(target.name, "not_had", "loading takes too long")
            time.sleep(0.03)
        status = running.ask("query-migrate").get("status")
        if status == "failed":
            return Loaded(target.name, "refused", running.last_words())
        running.ask("cont")
        time.sleep(0.3)
        running.ask("query-status")
    except EndedError as error:
        return Loaded(target.name, "refused", str(error))
    except RuntimeError as error:
        return Loaded(target.name, "refused", f"loaded, but does not run: {error}")
    return Loaded(target.name, "loaded", running.last_words())


def _send(place: Place, stream: Path) -> None:
    directory = os.open(place.root / "run", os.O_PATH)
    held = socket.socket(socket.AF_UNIX)
    held.settimeout(SAVE_SECONDS)
    try:
        held.connect(f"/proc/self/fd/{directory}/stream")
        with stream.open("rb") as file:
            held.sendfile(file)
    except OSError:
        pass  # the target went in the middle: what it said counts
    finally:
        held.close()
        os.close(directory)


if __name__ == "__main__":
    main()
