"""Booting a twin: Linux runs in it, takes its devices into use, and is stopped then.

The firmware runs first and finds nothing to boot; then a kernel is put into the guest's memory and
started there (`linux.boot_protocol`). The twin keeps the configuration that it is compared by: no
kernel is named to QEMU, and what the guest says comes through its memory.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from functools import cache

from qcompat.arch.architecture import Architecture, architecture_of, boots_linux
from qcompat.errors import GuestError, HostLacksError
from qcompat.guest.guest import Guest
from qcompat.linux.boot_protocol import MAILBOX, MAILBOX_SIZE, VECTOR, Loading, Part, hook, load
from qcompat.linux.initramfs import build_initramfs
from qcompat.linux.kernel import obtain_kernel
from qcompat.portrait.portrait import Accel, Cpu
from qcompat.portrait.run_firmware import MOST_SECONDS as FIRMWARE_SECONDS
from qcompat.portrait.run_firmware import is_halted, run_firmware
from qcompat.portrait.twin.bios import SIZE, firmware_sizes
from qcompat.qemu.process import Qemu

TICK_SECONDS = 10.0
"""Time for one tick of 55 ms."""
UP_SECONDS: Mapping[Accel, float] = {"tcg": 300.0, "kvm": 60.0}
"""Time for the kernel to come up: 10 s by TCG on one idle core, 2 s by KVM, and this much is not
idle. Inside other virtual machines it may never come up by KVM."""
USE_SECONDS = 300.0
"""Time for its devices: 10 s with a handful of them."""
STILL_SECONDS = 15.0
"""So long no processor halts that boots Linux; one that it does not run on halts for ever."""
MOST_SECONDS = FIRMWARE_SECONDS + max(UP_SECONDS.values()) + USE_SECONDS
_PAUSE = 0.25
_SETTLE = 0.5
_CHUNK = 1 << 15
_BATCH = 16
_MOST_SAID = 64
# nokaslr: the kernel stays behind the places that it is given. no_timer_check: a slow TCG fails it.
_LINE = (
    "rdinit=/init qcompat.run=settle qcompat.mailbox={mailbox:#x} memmap={size:#x}${mailbox:#x}"
    " iomem=relaxed quiet nokaslr no_timer_check mitigations=off net.ifnames=0 panic=0"
    " memhp_default_state=online"
)
_HINT = "leave out --moment booted, or name an earlier one: --moment firmware"
_BY_TCG = "boot it without KVM, which inside other virtual machines may be too slow: --accel tcg"
_LONG_MODE = (0x8000_0001, "edx", 1 << 29)


def why_not(guest: Guest, cpu: Cpu | None) -> str:
    """Why Linux cannot be booted in this guest; empty where nothing is known against it."""
    if not boots_linux(guest.machine):
        return f"Debian's kernel does not boot on its machine type, {guest.machine}"
    if any(size < SIZE for size in firmware_sizes(guest.arguments)):
        return "its firmware is not read, and is too small for one that boots to stand in"
    if cpu is not None and not _has_long_mode(cpu):
        return f"its processor {cpu.type} has no 64-bit mode, which Debian's kernel needs"
    return ""


def _has_long_mode(cpu: Cpu) -> bool:
    leaf, register, bit = _LONG_MODE
    words = [w.value for w in cpu.words if w.eax == leaf and w.register.lower() == register]
    return not words or bool(words[0] & bit)


async def boot(qemu: Qemu, guest: Guest, cpu: Cpu | None, accel: Accel) -> None:
    """Boot the guest and stop it when it has used its devices.

    Errors: GuestError with the reason where it cannot be booted, HostLacksError where it was not
    up in time, FetchError where the kernel cannot be fetched.
    """
    if reason := why_not(guest, cpu):
        raise GuestError(f"the guest cannot be booted: {reason}", _HINT)
    loading = await asyncio.to_thread(_loading, architecture_of(guest.machine))
    memory = await qemu.execute("query-memory-size-summary")
    if memory["base-memory"] < loading.least:
        raise GuestError(
            f"the guest cannot be booted: Linux and its drivers need {loading.least >> 20} MB"
            f" of memory, and the guest has {memory['base-memory'] >> 20} MB",
            _HINT,
        )
    if not await run_firmware(qemu):
        hint = _BY_TCG if accel == "kvm" else _HINT
        raise GuestError("the guest cannot be booted: its firmware does not get idle", hint)
    await _write(qemu, loading.parts)
    await _write(qemu, hook(await qemu.qtest.read(VECTOR, 4)))
    await qemu.execute("cont")
    await _taken(qemu)
    await _said(qemu, "up", UP_SECONDS[accel], "its kernel did not come up")
    await _said(qemu, "used", USE_SECONDS, "its drivers did not get ready")
    await asyncio.sleep(_SETTLE)
    await qemu.execute("stop")


@cache
def _loading(architecture: Architecture) -> Loading:
    kernel = obtain_kernel(architecture)
    line = _LINE.format(mailbox=MAILBOX, size=MAILBOX_SIZE)
    return load(kernel.image.read_bytes(), build_initramfs(kernel), line)


async def _write(qemu: Qemu, parts: Iterable[Part]) -> None:
    commands = [command for part in parts for command in _commands(part)]
    for start in range(0, len(commands), _BATCH):
        await qemu.qtest.batch(commands[start : start + _BATCH])


def _commands(part: Part) -> Iterable[str]:
    for start in range(0, len(part.data), _CHUNK):
        data = part.data[start : start + _CHUNK]
        text = base64.b64encode(data).decode()
        yield f"b64write {part.address + start:#x} {len(data):#x} {text}"


async def _taken(qemu: Qemu) -> None:
    """Wait until the firmware's timer ticks, which starts the kernel."""
    hooked = hook(bytes(4))[-1].data
    for _ in range(int(TICK_SECONDS / _PAUSE)):
        await asyncio.sleep(_PAUSE)
        if await qemu.qtest.read(VECTOR, 4) != hooked:
            return
    raise GuestError("the guest cannot be booted: its firmware waits without a timer", _HINT)


async def _said(qemu: Qemu, word: str, seconds: float, otherwise: str) -> None:
    """Wait for what the guest writes into its memory, one word after the other."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    busy = loop.time()
    while loop.time() < end:
        await asyncio.sleep(_PAUSE)
        if word == "up" and await is_halted(qemu):
            if loop.time() - busy > STILL_SECONDS:
                raise GuestError("the guest cannot be booted: its kernel halts", _HINT)
        else:
            busy = loop.time()
        said = await qemu.qtest.read(MAILBOX, _MOST_SAID)
        if said.startswith((word.encode(), b"used")):
            return
    raise HostLacksError(
        f"the guest was not booted: {otherwise} within {seconds:.0f} s",
        "on a machine that is less busy it is up sooner, without KVM (--accel tcg) more surely; or"
        " name an earlier moment: --moment firmware",
        kind="time",
    )
