"""Runs one guest and records its stream, then loads what can be loaded."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import load
from qcompat.qemu.process import Qemu
from tools.stream_recordings.recipe import Recipe
from tools.stream_recordings.relay import relay

SECONDS = 60.0
# Faults that the kernel takes in guest memory are only for the privileged: userfaultfd(2).
_FAULTS = (
    *("--cap-add", "CAP_SYS_PTRACE"),
    *("--dev-bind-try", "/dev/userfaultfd", "/dev/userfaultfd"),
)
# With 1 ms at 256 KiB a second a page left is one too many; with none at all 10.0 and before end.
_SLOW = {"max-bandwidth": 1 << 18, "downtime-limit": 1}
_FAST = {"max-bandwidth": 1 << 40, "downtime-limit": 2000}
_ENDED = ("completed", "failed", "cancelled")


class Recorder:
    """One recipe on one build; images and sockets are in `place`."""

    def __init__(self, build: Build, version: str, recipe: Recipe, place: Path) -> None:
        self._recipe, self._place = recipe, place
        self._arguments = recipe.words(version, place)
        self._command = _with_faults(command(build, writable=[place]))

    async def record(self) -> dict[str, bytes]:
        """The recording, by the kind of file: `mig`, with channels `multifd` and `preempt`."""
        way = self._recipe.way
        async with self._launch() as source:
            await _configure(source, self._recipe, *self._recipe.source_capabilities)
            for step in self._recipe.steps:
                arguments = _placed(dict(step.arguments), self._place)
                await source.execute(step.execute, arguments)
            if self._recipe.run:
                await source.execute("cont")
                await asyncio.sleep(self._recipe.run)
            if way == "socket":
                return {"mig": await self._socket(source)}
            if way == "file":
                return {"mig": await self._file(source)}
            if way == "savevm":
                return {"qcow2": await self._snapshots(source)}
            return await self._relay(source)

    async def load(self, stream: bytes) -> None:
        """Load a recording of a socket or a file, or a snapshot, into the same build."""
        if self._recipe.way == "savevm":
            (self._place / "disk.qcow2").write_bytes(stream)
            async with self._launch("-loadvm", "second"):
                return
        async with self._launch("-incoming", "defer") as target:
            await _configure(target, self._recipe)
            if self._recipe.way == "file":
                path = self._place / "stream"
                path.write_bytes(stream)
                await target.execute("migrate-incoming", {"uri": f"file:{path}"})
                await _end(target)
            else:
                await load(target, io.BytesIO(stream))

    def _launch(self, *more: str) -> AbstractAsyncContextManager[Qemu]:
        return launch(self._command, [*self._arguments, *more])

    async def _socket(self, source: Qemu) -> bytes:
        ours = self._place / "relay.sock"
        async with relay(ours) as relayed:
            await self._migrate(source, ours)
            await _end(source)
            await asyncio.wait_for(relayed.ended.wait(), SECONDS)
        return relayed.recordings["mig"]

    async def _migrate(self, source: Qemu, to: Path) -> None:
        limits = _SLOW if self._recipe.rounds else _FAST
        await source.execute("migrate-set-parameters", limits)
        await source.execute("migrate", {"uri": f"unix:{to}"})
        if self._recipe.rounds:
            await self._wait_for_rounds(source)
        if self._recipe.way == "postcopy":
            await source.execute("migrate-start-postcopy")
        await source.execute("migrate-set-parameters", _FAST)

    async def _wait_for_rounds(self, source: Qemu) -> None:
        async with asyncio.timeout(SECONDS):
            while (status := await source.execute("query-migrate"))["status"] not in _ENDED:
                if status.get("ram", {}).get("dirty-sync-count", 0) >= self._recipe.rounds:
                    return
                await asyncio.sleep(0.005)
        raise CommandError(f"it ended too soon: {status}", log=source.log)

    async def _file(self, source: Qemu) -> bytes:
        path = self._place / "stream"
        await source.execute("migrate", {"uri": f"file:{path}"})
        await _end(source)
        return path.read_bytes()

    async def _snapshots(self, source: Qemu) -> bytes:
        for name in ("first", "second"):
            if told := await source.monitor(f"savevm {name}"):
                raise CommandError(f"savevm: {told}", log=source.log)
        await source.execute("quit")
        return (self._place / "disk.qcow2").read_bytes()

    async def _relay(self, source: Qemu) -> dict[str, bytes]:
        ours, theirs = self._place / "relay.sock", self._place / "target.sock"
        async with self._launch("-incoming", "defer") as target:
            await _configure(target, self._recipe)
            await target.execute("migrate-incoming", {"uri": f"unix:{theirs}"})
            async with relay(ours, theirs) as relayed:
                await self._migrate(source, ours)
                if self._recipe.way == "postcopy":
                    await _run(target)
                await _end(source)
                await _end(target)
                await self._check_faults(source)
                return relayed.recordings

    async def _check_faults(self, source: Qemu) -> None:
        status = await source.execute("query-migrate")
        if self._recipe.way == "postcopy" and not status["ram"]["postcopy-requests"]:
            raise CommandError(f"the target never asked for a page: {status}", log=source.log)


def _with_faults(words: Sequence[str]) -> list[str]:
    """The sandbox of a build with what postcopy and background snapshots need."""
    end = words.index("--")
    return [*words[:end], *_FAULTS, *words[end:]]


async def _configure(qemu: Qemu, recipe: Recipe, *more: str) -> None:
    states = [{"capability": name, "state": True} for name in (*recipe.capabilities, *more)]
    if states:
        await qemu.execute("migrate-set-capabilities", {"capabilities": states})
    if recipe.parameters:
        await qemu.execute("migrate-set-parameters", dict(recipe.parameters))


async def _run(target: Qemu) -> None:
    """Let the guest run as soon as it is on the target, so that it asks for pages."""
    async with asyncio.timeout(SECONDS):
        while (await target.execute("query-status"))["status"] != "paused":
            await asyncio.sleep(0.01)
    await target.execute("cont")


async def _end(qemu: Qemu) -> None:
    """Wait for the migration to end well."""
    async with asyncio.timeout(SECONDS):
        while (status := await qemu.execute("query-migrate")).get("status") not in _ENDED:
            await asyncio.sleep(0.05)
    if status["status"] != "completed":
        raise CommandError(f"{status}", log=qemu.log)


def _placed(arguments: dict[str, Any], place: Path) -> dict[str, Any]:
    return {
        key: value.replace("{place}", str(place)) if isinstance(value, str) else value
        for key, value in arguments.items()
    }
