"""A migration straight from one running QEMU to another that waits for it.

Both were started by `launch`, the target with `-incoming defer`; for postcopy their sandboxes
let faults through (`ends.with_faults`), for multifd they share a `place`. A running guest goes on
running on the target; a paused one arrives paused.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from qcompat.errors import CommandError, QemuDiedError, QemuError, QemuTimeoutError
from qcompat.qemu.incoming import outcome_of
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.trial.trial import Variant
from qcompat.trial.wire.ends import (
    FAST,
    USERFAULTFD_HINT,
    configure_source,
    configure_target,
    open_channel,
)

SECONDS = 120.0
_ENDED = frozenset({"completed", "failed", "cancelled", "postcopy-paused"})
_BEFORE_SWITCH = frozenset({None, "setup", "active", "pre-switchover", "device"})
_PAUSE = 0.005
_GRACE = 5.0
"""Seconds that one end has left once the other has ended; a refusal takes milliseconds."""


class Transfer(msgspec.Struct, frozen=True):
    """One migration, as both ends report it.

    `outcome` is `loaded`, or what went wrong and QEMU's words. `downtime` and
    `total` are the source's figures in milliseconds, None where it gave none. `status` is the
    source's last migration status; the errors are what either end complained of.
    """

    outcome: Outcome
    status: str = ""
    downtime: float | None = None
    total: float | None = None
    source_error: str = ""
    target_error: str = ""


async def migrate(
    source: Qemu,
    target: Qemu,
    *,
    variant: Variant = "precopy",
    place: Path | None = None,
    seconds: float = SECONDS,
) -> Transfer:
    """Move the guest from `source` to `target`.

    Whatever either QEMU does is part of the `Transfer`. Raises `CommandError` where a build or
    the host cannot do the variant, `UsageError` for multifd without a place.
    """
    await _prepare(source, target, variant)
    try:
        async with asyncio.timeout(seconds):
            await _begin(source, target, variant, place)
            return await _follow(source, target)
    except TimeoutError:
        return await _transfer(source, target, Outcome("hung", f"no end within {seconds:.0f} s"))
    except QemuError as error:
        return await _transfer(source, target, outcome_of(error))


async def _begin(source: Qemu, target: Qemu, variant: Variant, place: Path | None) -> None:
    runs = bool((await source.execute("query-status"))["running"])
    there, here = await open_channel(source, target, variant, place)
    await target.execute("migrate-incoming", {"uri": here})
    if runs:
        await target.execute("cont")  # it runs as soon as it has arrived
    await source.execute("migrate", {"uri": there})
    if variant == "postcopy":
        await _switch(source)


async def _prepare(source: Qemu, target: Qemu, variant: Variant) -> None:
    """A QEMU that has ended is noticed by the next step."""
    try:
        await configure_target(target, variant)
        await configure_source(source, variant)
    except (QemuDiedError, QemuTimeoutError):
        return
    except CommandError as error:
        hint = (
            USERFAULTFD_HINT
            if variant == "postcopy"
            else "the build does not support it: use precopy"
        )
        raise CommandError(
            f"{variant} is not available here: {error.message}", hint, log=error.log
        ) from error


async def _switch(source: Qemu) -> None:
    """Switch the guest to the target, and only then send the rest as fast as possible.

    The command to switch is not yet the switch. With the limit raised before it, 11.1.3 lost one
    migration of a paused guest in ten under load (the target read past the stream's end).
    """
    await source.execute("migrate-start-postcopy")
    while (await source.execute("query-migrate")).get("status") in _BEFORE_SWITCH:
        await asyncio.sleep(_PAUSE)
    await source.execute("migrate-set-parameters", FAST)


async def _follow(source: Qemu, target: Qemu) -> Transfer:
    """Wait for both ends; the first that fails gives the other a moment to say why."""
    ends = [asyncio.create_task(_end(qemu)) for qemu in (source, target)]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if any(_failed(end) for end in ends):
            await asyncio.wait(ends, timeout=_GRACE)
        else:
            await asyncio.wait(ends)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    return await _transfer(source, target, _judge(*ends))


def _failed(end: asyncio.Task[dict[str, Any]]) -> bool:
    if not end.done() or end.cancelled():
        return False
    return end.exception() is not None or end.result()["status"] != "completed"


def _judge(source: asyncio.Task[dict[str, Any]], target: asyncio.Task[dict[str, Any]]) -> Outcome:
    """What the target says counts first, then what the source says."""
    for end in (target, source):
        if end.cancelled():
            continue
        if isinstance(error := end.exception(), QemuError):
            return outcome_of(error)
        if (status := end.result())["status"] != "completed":
            return Outcome("refused", str(status.get("error-desc") or f"status {status['status']}"))
    return Outcome("loaded")


async def _end(qemu: Qemu) -> dict[str, Any]:
    pause = _PAUSE
    while True:
        status: dict[str, Any] = await qemu.execute("query-migrate")
        if status.get("status") in _ENDED:
            return status
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.05)


async def _transfer(source: Qemu, target: Qemu, outcome: Outcome) -> Transfer:
    status = await _status(source)
    return Transfer(
        outcome=outcome,
        status=str(status.get("status", "")),
        downtime=_number(status.get("downtime")),
        total=_number(status.get("total-time")),
        source_error=str(status.get("error-desc") or source.complaint),
        target_error=target.complaint,
    )


async def _status(source: Qemu) -> dict[str, Any]:
    try:
        status: dict[str, Any] = await source.execute("query-migrate", seconds=_GRACE)
    except (QemuDiedError, QemuTimeoutError, CommandError):
        return {}
    return status


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
