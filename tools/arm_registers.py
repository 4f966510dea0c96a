"""Makes `rules/cpu/arm_registers.toml`: names of Arm's system registers, and which are kept.

    python -m tools.arm_registers names TREE…         from QEMU's source: names by index
    python -m tools.arm_registers fixed BUILD MACHINE CPU   from a real build

The second saves the guest, gives one register after the other another value in the stream, and
loads it: a target refuses a register whose value it cannot take over. Both add to the table.
"""

from __future__ import annotations

import asyncio
import re
import struct
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.compare.stream.registers import Registers, registers_in
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.take import take
from qcompat.portrait.twin.start import Twin, receive
from qcompat.rules.cpu.arm_registers import ArmRegisters, Kept, spelled, table

PLACE = Path(__file__).parents[1] / "src/qcompat/rules/cpu/arm_registers.toml"
_ENTRY = re.compile(r'\{\s*\.name = "(\w+)",(.*?)\}', re.DOTALL)
_FIELD = re.compile(r"\.(cp|opc0|opc1|crn|crm|opc2) = (\d+)\b")
_FLIPS = (1 << 0, 1 << 4, 1 << 12, 1 << 20, 1 << 28)
"""Bits that get another value, one at a time: low ones are often fixed (VBAR_EL1)."""


def main() -> None:
    """Add what the words ask for to the table."""
    what, *words = sys.argv[1:]
    before = table()
    if what == "names":
        found = {i: n for tree in words for i, n in names_in(Path(tree))}
        after = ArmRegisters(before.tolerated, {**found, **before.names}, before.kept)
    else:
        name, machine, cpu = words
        build = Registry(data_home()).get(name)
        kept = asyncio.run(measured(build, guest_of(machine, cpu)))
        for index, how in before.kept.items():
            kept[index] = how if kept.get(index, how) == how else "part"
        after = ArmRegisters(before.tolerated, before.names, kept)
    PLACE.write_text(text_of(after))


def names_in(tree: Path) -> Iterator[tuple[str, str]]:
    """Indexes as the stream has them, and names, of the registers of a source tree."""
    for path in sorted((tree / "target/arm").rglob("*.c")):
        for name, body in _ENTRY.findall(path.read_text(errors="replace")):
            fields = {key: int(number) for key, number in _FIELD.findall(body)}
            if {"opc1", "crm"} <= fields.keys() or {"opc1", "crn"} <= fields.keys():
                yield from _indexes(name, body, fields)


def _indexes(name: str, body: str, fields: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    is_both, is_64 = "STATE_BOTH" in body, "STATE_AA64" in body
    op0, op1, n, m, op2 = (fields.get(k, 0) for k in ("opc0", "opc1", "crn", "crm", "opc2"))
    if is_both or is_64:
        yield spelled(0x603000000013 << 16 | op0 << 14 | op1 << 11 | n << 7 | m << 3 | op2), name
    if not is_64:
        cp = fields.get("cp", 14 if op0 == 2 else 15)
        wide = "ARM_CP_64BIT" in body
        head = 0x4030000000000000 if wide else 0x4020000000000000
        low = cp << 16 | (0 if wide else n << 11) | m << 7 | op1 << 3 | op2
        for bank in (0, 1 << 29):
            yield spelled(head | bank | low), name


def guest_of(machine: str, cpu: str) -> Guest:
    """A small guest without devices."""
    return parse(["-machine", machine, "-cpu", cpu, "-m", "128", "-nodefaults"])


async def measured(build: Build, guest: Guest) -> dict[str, Kept]:
    """Which registers keep their own value on the build, wholly or in the flipped bits."""
    facts = learn(build, cache=cache_home())
    with tempfile.TemporaryFile() as file:
        portrait = await take(build, guest, facts, accel="tcg", keep=file)
        file.seek(0)
        content = file.read()
    sections = portrait.stream.sections if portrait.stream else ()
    found = next(filter(None, map(registers_in, sections)))
    places = _value_places(content, found)
    twin, running = Twin(build, guest, "tcg"), asyncio.Semaphore(2)

    async def one(index: int, place: int) -> tuple[str, Kept]:
        async with running:
            ends = [await _loads(twin, content, place, flip) for flip in _FLIPS]
        return spelled(index), "no" if all(ends) else "part" if any(ends) else "yes"

    return dict(await asyncio.gather(*(one(*each) for each in places.items())))


def _value_places(content: bytes, found: Registers) -> dict[int, int]:
    """Where in the stream each register's value lies."""
    start = content.index(struct.pack(f">{len(found.values)}Q", *found.values))
    after = start + 8 * len(found.values)
    return {index: after + 8 * number for number, index in enumerate(found.values)}


async def _loads(twin: Twin, content: bytes, place: int, flip: int) -> bool:
    (value,) = struct.unpack_from(">Q", content, place)
    with tempfile.TemporaryFile() as file:
        file.write(content[:place] + struct.pack(">Q", value ^ flip) + content[place + 8 :])
        file.seek(0)
        return (await receive(twin, file)).kind == "loaded"


def text_of(found: ArmRegisters) -> str:
    """The table as TOML, under the head that it has."""
    head = PLACE.read_text().partition("\n[names]")[0]
    names = [f'"{index}" = "{name}"' for index, name in sorted(found.names.items())]
    kept = [f'"{index}" = "{how}"' for index, how in sorted(found.kept.items())]
    return "\n".join([head, "[names]", *names, "", "[kept]", *kept, ""])


if __name__ == "__main__":
    main()
