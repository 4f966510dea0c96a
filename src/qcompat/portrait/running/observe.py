"""Observing a running guest: every question that changes nothing, asked once.

Commands that a build does not have, or refuses, become gaps: 5.2 knows nothing of virtio's
state (`x-query-virtio` came with 7.2). Those that might crash QEMU are tried on a twin first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec

from qcompat.errors import CommandError, QcompatError
from qcompat.portrait.monitor_info import read_qtree, read_ramblock
from qcompat.portrait.portrait import FeatureWord, Gap
from qcompat.portrait.running.arguments import arguments_of
from qcompat.portrait.running.back_ends import ask_back_ends
from qcompat.portrait.running.observed import HOT_PLUG, BackEnds, Observed, Peripheral, Processor
from qcompat.portrait.running.peripherals import ask_peripherals, ask_processors
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Running
from qcompat.portrait.running.virtio import ask_virtio
from qcompat.qemu.monitor import Monitor

_T = TypeVar("_T")
_Cpu = tuple[str, int, tuple[FeatureWord, ...]]
_NO_UUID = "00000000-0000-0000-0000-000000000000"


TryOut = Callable[[Observed], Awaitable[frozenset[str]]]
"""Which of the debugging commands a twin of an observed guest survives; see `twin`.

Raises QcompatError where no twin can be made.
"""


async def observe(running: Running, try_out: TryOut) -> Observed:
    """Observe a running guest. Errors: as `reach`."""
    async with reach(running) as monitor:
        seen = await _Questions(monitor).all()
    try:
        tried = await try_out(seen)
        async with reach(running, tried) as monitor:
            virtio, gaps = await ask_virtio(monitor, seen)
    except QcompatError as error:
        virtio, gaps = (), (Gap("virtio", error.message),)
    return msgspec.structs.replace(seen, virtio=virtio, gaps=(*seen.gaps, *gaps))


class _Questions:
    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._gaps: list[Gap] = []

    async def all(self) -> Observed:
        version = await self._monitor.ask("query-version")
        qtree = await self._part("devices", lambda: self._monitor.monitor("info qtree"), "")
        blocks = await self._part("memory", lambda: self._monitor.monitor("info ramblock"), "")
        no_cpu: _Cpu = ("", 0, ())
        cpu_type, cpu_count, words = await self._part("cpu", self._cpu, no_cpu)
        no_processors: tuple[Processor, ...] = ()
        no_peripherals: tuple[Peripheral, ...] = ()
        processors = await self._part(
            "processors", lambda: ask_processors(self._monitor.ask), no_processors
        )
        peripherals = await self._part(
            HOT_PLUG,
            lambda: ask_peripherals(self._monitor.ask, qtree, processors),
            no_peripherals,
        )
        backends = await self._part("back ends", lambda: self._backends(peripherals), BackEnds())
        uuid = await self._part("uuid", self._uuid, "")
        arguments, gap = arguments_of(self._monitor.pid, uuid if self._monitor.is_here else "")
        self._gaps += [gap] if gap else []
        return Observed(
            version=".".join(str(version["qemu"][part]) for part in ("major", "minor", "micro")),
            package=str(version.get("package", "")).strip().strip("()"),
            machine=await self._part("machine", self._machine, ""),
            accel=await self._part("accelerator", self._accel, ""),
            status=await self._part("status", lambda: self._text("query-status", "status"), ""),
            name=await self._part("name", lambda: self._text("query-name", "name"), ""),
            uuid=uuid,
            migration=await self._part(
                "migration", lambda: self._text("query-migrate", "status"), ""
            ),
            pid=self._monitor.pid,
            arguments=arguments,
            devices=read_qtree(qtree),
            memory=read_ramblock(blocks),
            cpu_type=cpu_type,
            cpu_count=cpu_count,
            cpu_words=words,
            peripherals=peripherals,
            processors=processors,
            backends=backends,
            gaps=tuple(self._gaps),
        )

    async def _part(self, name: str, ask: Callable[[], Awaitable[_T]], nothing: _T) -> _T:
        try:
            return await ask()
        except CommandError as error:
            self._gaps.append(Gap(name, error.message))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self._gaps.append(Gap(name, f"the answer has an unexpected form: {error!r}"))
        return nothing

    async def _text(self, command: str, key: str) -> str:
        answer = await self._monitor.ask(command)
        return str(answer.get(key, ""))

    async def _machine(self) -> str:
        return str(await self._get("/machine", "type")).removesuffix("-machine")

    async def _accel(self) -> str:
        answer = await self._monitor.ask("query-kvm")
        return "kvm" if answer["enabled"] else "tcg"

    async def _uuid(self) -> str:
        found = await self._text("query-uuid", "UUID")
        return "" if found == _NO_UUID else found

    async def _cpu(self) -> _Cpu:
        cpus = await self._monitor.ask("query-cpus-fast")
        path = str(cpus[0]["qom-path"])
        words = await self._get(path, "feature-words")
        return (
            str(await self._get(path, "type")),
            len(cpus),
            tuple(sorted(map(_word, words), key=_place)),
        )

    async def _backends(self, peripherals: Iterable[Peripheral]) -> BackEnds:
        """Those of the guest's arguments are known; others came with what was plugged."""
        is_needed = any(each.is_plugged for each in peripherals)
        return await ask_back_ends(self._monitor.ask) if is_needed else BackEnds()

    async def _get(self, path: str, name: str) -> Any:
        return await self._monitor.ask("qom-get", path=path, property=name)


def _word(word: dict[str, Any]) -> FeatureWord:
    return FeatureWord(
        eax=int(word["cpuid-input-eax"]),
        ecx=word.get("cpuid-input-ecx"),
        register=str(word["cpuid-register"]),
        value=int(word["features"]),
    )


def _place(word: FeatureWord) -> tuple[int, int, str]:
    return word.eax, word.ecx or 0, word.register
