"""The device state of real running guests: complete, in a moment, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from qemu.qmp import QMPClient

from qcompat.builds.build import Build
from qcompat.errors import CommandError, QemuError, UsageError
from qcompat.portrait.portrait import Accel
from qcompat.portrait.running import device_state
from qcompat.portrait.running.device_state import COMMAND, take_device_state, tells_blockers
from qcompat.qemu.qmp_socket import look_at
from qcompat.stream.reader.whole import read
from tests.running_guest import running

VERSIONS = ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"]
WORDS = [
    *("-machine", "q35", "-nodefaults", "-m", "64", "-device", "virtio-rng-pci"),
    *("-blockdev", "null-co,node-name=d,size=1048576", "-device", "virtio-blk-pci,drive=d"),
]


def _build(builds: dict[str, Build], version: str) -> Build:
    if version not in builds:
        pytest.skip(f"needs the build {version}")
    return builds[version]


@pytest.mark.lab
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_running_guest_gives_its_state_and_runs_on(
    version: str, builds: dict[str, Build], accel: Accel
) -> None:
    with running(_build(builds, version), WORDS, accel, seconds=0.5) as (path, _):
        async with look_at(path, stops=True) as monitor:
            first = await take_device_state(monitor)
            again = await take_device_state(monitor)
            assert (await monitor.ask("query-status"))["status"] == "running"
            assert await monitor.ask("query-fdsets") == []
    names = [section.idstr for section in read(first.content).sections]
    assert "0000:00:01.0/virtio-rng" in names or "0000:00:02.0/virtio-rng" in names
    assert any(name.endswith("/virtio-blk") for name in names)
    assert names == [section.idstr for section in read(again.content).sections]
    assert first.is_told
    assert 0 < first.pause < 1000


@pytest.mark.lab
@pytest.mark.parametrize("version", ["10.0.2", "10.0.13", "11.1.3"])
async def test_a_paused_guest_keeps_its_disks(
    version: str, builds: dict[str, Build], accel: Accel
) -> None:
    """With `live` QEMU would inactivate the disks of a paused guest; 10.0 and later tell."""
    with running(_build(builds, version), [*WORDS, "-S"], accel) as (path, _):
        async with look_at(path, stops=True) as monitor:
            taken = await take_device_state(monitor)
        client = QMPClient()
        await client.connect(str(path))
        nodes: Any = await client.execute("query-named-block-nodes")
        await client.disconnect()
    assert (taken.pause, taken.is_told) == (0.0, False)
    assert read(taken.content).sections
    assert [node["active"] for node in nodes] == [True]


@pytest.mark.lab
@pytest.mark.parametrize("version", ["7.2.22", "10.0.2", "10.0.13"])
async def test_a_guest_that_would_die_of_the_question_is_not_asked(
    version: str, builds: dict[str, Build], accel: Accel
) -> None:
    """NVMe has no state to write: asked, these builds end with a segmentation fault."""
    words = [*WORDS, "-blockdev", "null-co,node-name=e", "-device", "nvme,drive=e,serial=1"]
    with running(_build(builds, version), words, accel) as (path, process):
        async with look_at(path, stops=True) as monitor:
            taken = await take_device_state(monitor)
            assert await tells_blockers(monitor)
        assert process.poll() is None
    assert not taken.content
    assert any("nvme" in reason for reason in taken.blocked)


@pytest.mark.lab
async def test_an_old_build_does_not_tell_of_blockers(
    builds: dict[str, Build], accel: Accel
) -> None:
    with running(_build(builds, "5.2.0"), WORDS, accel) as (path, _):
        async with look_at(path) as monitor:
            assert not await tells_blockers(monitor)


class _Answers:
    """A channel with answers of its own; the state it writes is `content`."""

    def __init__(self, content: bytes = b"", **answers: Any) -> None:
        self.content, self.asked, self.file = content, list[str](), -1
        self.answers: dict[str, Any] = {
            "query-status": {"status": "running"},
            "query-migrate": {},
            "query-fdsets": [],
            "add-fd": {"fdset-id": 3, "fd": 9},
        } | {name.replace("_", "-"): answer for name, answer in answers.items()}

    async def ask(self, command: str, **arguments: Any) -> Any:
        self.asked.append(command)
        if command == COMMAND:
            assert arguments == {"filename": "/dev/fdset/3", "live": False}
            for at in range(0, len(self.content), 1 << 16):
                os.write(self.file, self.content[at : at + (1 << 16)])
                await asyncio.sleep(0.001)
        answer = self.answers.get(command, {})
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def hand(self, descriptor: int, command: str, **arguments: Any) -> Any:
        self.file = os.dup(descriptor)
        return await self.ask(command, **arguments)

    @contextlib.asynccontextmanager
    async def pauses(self) -> AsyncIterator[list[float]]:
        yield []


@pytest.mark.parametrize("status", ["suspended", "inmigrate", "postmigrate", "shutdown", ""])
async def test_a_guest_that_would_not_run_on_is_not_asked(status: str) -> None:
    channel = _Answers(query_status={"status": status})
    with pytest.raises(UsageError, match="in the state"):
        await take_device_state(channel)
    assert COMMAND not in channel.asked


@pytest.mark.parametrize("status", ["active", "setup", "device", "postcopy-active"])
async def test_a_guest_that_migrates_is_not_asked(status: str) -> None:
    channel = _Answers(query_migrate={"status": status})
    with pytest.raises(UsageError, match="in a migration"):
        await take_device_state(channel)
    assert COMMAND not in channel.asked


async def test_a_guest_with_blockers_is_not_stopped() -> None:
    channel = _Answers(query_migrate={"blocked-reasons": ["nvme cannot be migrated"]})
    assert (await take_device_state(channel)).blocked == ("nvme cannot be migrated",)
    assert channel.asked == ["query-status", "query-migrate"]


async def test_a_build_without_the_command_says_so_and_keeps_no_file() -> None:
    channel = _Answers(xen_save_devices_state=CommandError("CommandNotFound"))
    with pytest.raises(CommandError, match="does not write its device state: CommandNotFound"):
        await take_device_state(channel)
    assert "remove-fd" in channel.asked


async def test_the_file_of_one_that_was_killed_is_removed_first() -> None:
    left = [{"fdset-id": 7, "fds": [{"fd": 4, "opaque": "qcompat device state"}]}]
    other = [{"fdset-id": 8, "fds": [{"fd": 5, "opaque": "libvirt"}, {"fd": 6}]}]
    channel = _Answers(b"x", query_fdsets=[*left, *other])
    assert (await take_device_state(channel)).content == b"x"
    assert channel.asked.count("remove-fd") == 2


async def test_a_flood_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_state, "MOST_BYTES", 1 << 18)
    with pytest.raises((QemuError, OSError), match=r"larger than|not permitted"):
        await take_device_state(_Answers(bytes(1 << 23)))


async def test_a_guest_that_does_not_run_on_is_an_error() -> None:
    channel = _Answers(b"x")
    statuses = iter(["running", "paused"])

    async def ask(command: str, **arguments: Any) -> Any:
        if command == "query-status":
            return {"status": next(statuses)}
        return await _Answers.ask(channel, command, **arguments)

    channel.ask = ask  # type: ignore[method-assign]
    with pytest.raises(QemuError, match=r"was running before .* and is paused now"):
        await take_device_state(channel)
