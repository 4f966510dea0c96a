"""The types of a build: ancestors, interfaces, properties and class defaults, asked over QMP.

The build runs without a machine (`-machine none`), so that no compat table is
applied. Some types end the process when asked about (one whose module is missing: Debian
7.2.22, virtio-gpu-gl-pci): the build is started again and only that type is lost. `observe`
reads the values of devices in a machine.

`device-list-properties` leaves out `legacy-...` up to 10.2, reports no default for properties
without one in the class (a CPU's features), and does not say which ones a user may write.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, QemuDiedError, QemuTimeoutError
from qcompat.machine.model import TypeFact
from qcompat.machine.value import canonical
from qcompat.qemu.launch import launch
from qcompat.qemu.process import Qemu

ALL_SECONDS = 30.0
"""After this long no further type is asked about; a build is usually done in 2 s."""

_QUESTION_SECONDS = 5.0
# Not devices, but compat entries apply to them: chardevs since 11, memory backends since 4.0.
_OTHERS = ("user-creatable", "chardev")
_UNSETTABLE = ("child<", "link<irq>", "link<memory-region>")
_STATES = frozenset(
    {"X86CPUFeatureWordInfo", "GuestPanicInformation", "guest statistics", "struct tm"}
)

Answers = dict[str, Mapping[str, str | None]]


class _Tree(msgspec.Struct, frozen=True):
    """All types by name as listed, and for each the names of its ancestors and interfaces."""

    listed: Mapping[str, Mapping[str, Any]]
    kinds: Mapping[str, frozenset[str]]


async def ask_types(
    build: Build, accel: Literal["kvm", "tcg"] = "kvm"
) -> tuple[Mapping[str, TypeFact], Mapping[str, str]]:
    """Every type of the build by name, and those whose properties are lost, each with why.

    A lost type is in the result without properties.
    Errors: QemuError when the build cannot be started, or ends or hangs when asked for the
    list of types; LaunchError where `accel` cannot be used.
    """
    prefix = command(build, kvm=accel == "kvm")
    arguments = ("-accel", accel, "-machine", "none", "-nodefaults")
    deadline = time.monotonic() + ALL_SECONDS
    async with launch(prefix, arguments) as qemu:
        tree = await _ask_tree(qemu)
    waiting = deque(_questions(tree))
    answers: Answers = {}
    lost: dict[str, str] = {}
    while waiting and time.monotonic() < deadline:
        async with launch(prefix, arguments) as qemu:
            await _ask_while_alive(qemu, waiting, answers, lost, deadline)
    late = {name: f"no time was left after {ALL_SECONDS:g} s" for name, _ in waiting}
    return _facts(tree, answers), dict(sorted({**lost, **late}.items()))


async def _ask_tree(qemu: Qemu) -> _Tree:
    listed = await qemu.execute("qom-list-types", {"abstract": True})
    kinds: dict[str, set[str]] = {row["name"]: set() for row in listed}
    for kind in sorted(kinds):
        answer = {"implements": kind, "abstract": True}
        for row in await qemu.execute("qom-list-types", answer):
            if row["name"] != kind:
                kinds.setdefault(row["name"], set()).add(kind)
    by_name = {row["name"]: row for row in sorted(listed, key=lambda row: str(row["name"]))}
    return _Tree(by_name, {name: frozenset(found) for name, found in kinds.items()})


def _questions(tree: _Tree) -> Iterator[tuple[str, str]]:
    """Each concrete type whose properties matter, with the command that lists them."""
    for name, row in tree.listed.items():
        if row.get("abstract"):
            continue
        if "device" in tree.kinds[name]:
            yield name, "device-list-properties"
        elif tree.kinds[name].intersection(_OTHERS):
            yield name, "qom-list-properties"


async def _ask_while_alive(
    qemu: Qemu,
    waiting: deque[tuple[str, str]],
    answers: Answers,
    lost: dict[str, str],
    deadline: float,
) -> None:
    """Ask about the waiting types until none is left, time is over, or QEMU ends or hangs."""
    while waiting and time.monotonic() < deadline:
        name, question = waiting.popleft()
        try:
            rows = await qemu.execute(question, {"typename": name}, seconds=_QUESTION_SECONDS)
            answers[name] = _properties(rows)
        except CommandError as error:
            lost[name] = error.message
        except (QemuDiedError, QemuTimeoutError) as error:
            lost[name] = error.message
            return


def _properties(rows: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    return {row["name"]: _default(row) for row in sorted(rows, key=_name) if _is_settable(row)}


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"])


def _is_settable(row: Mapping[str, Any]) -> bool:
    return not row["type"].startswith(_UNSETTABLE) and row["type"] not in _STATES


def _default(row: Mapping[str, Any]) -> str | None:
    return canonical(row["default-value"], row["type"]) if "default-value" in row else None


def _facts(tree: _Tree, answers: Answers) -> dict[str, TypeFact]:
    return {
        name: TypeFact(
            name=name,
            ancestors=_ancestors(name, tree),
            is_abstract=bool(row.get("abstract")),
            properties=answers.get(name, {}),
        )
        for name, row in tree.listed.items()
    }


def _ancestors(name: str, tree: _Tree) -> tuple[str, ...]:
    """Parents, nearest first; then interfaces and all others, by name."""
    chain: list[str] = []
    parent = tree.listed[name].get("parent")
    while parent and parent not in chain:
        chain.append(parent)
        parent = tree.listed.get(parent, {}).get("parent")
    return (*chain, *sorted(tree.kinds[name].difference(chain)))
