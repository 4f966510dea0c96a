"""What QAPI promises of the answers that are taken apart (qapi/*.json of QEMU, 5.2 to 11.1).

Whatever answers under a build's name need not be a QEMU, or a sane one: an answer is looked at here
before anyone takes it apart, so that an odd one is an error of that build.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import msgspec

from qcompat.errors import QemuError


class _Named(TypedDict):
    name: str


class _Numbers(TypedDict):
    major: int
    minor: int
    micro: int


class _Version(TypedDict):
    qemu: _Numbers


class _Expansion(TypedDict):
    props: dict[str, Any]


class _Model(TypedDict):
    model: _Expansion


_Cpu = TypedDict("_Cpu", {"qom-path": str})


class _Kvm(TypedDict):
    enabled: bool


class _Status(TypedDict):
    running: bool
    status: str


class _Property(TypedDict):
    name: str
    type: str


class _HotpluggableCpu(TypedDict):
    props: dict[str, int]


class _Chardev(TypedDict):
    label: str
    filename: str


class _BlockNode(TypedDict):
    drv: str
    file: str
    ro: bool


_SHAPES: Mapping[str, Any] = {
    "device-list-properties": list[_Property],
    "human-monitor-command": str,
    "qom-list": list[_Property],
    "qom-list-properties": list[_Property],
    "qom-list-types": list[_Named],
    "query-block": list[dict[str, Any]],
    "query-chardev": list[_Chardev],
    "query-commands": list[_Named],
    "query-cpu-definitions": list[_Named],
    "query-cpu-model-expansion": _Model,
    "query-cpus-fast": list[_Cpu],
    "query-hotpluggable-cpus": list[_HotpluggableCpu],
    "query-kvm": _Kvm,
    "query-machines": list[_Named],
    "query-migrate": dict[str, Any],
    "query-named-block-nodes": list[_BlockNode],
    "query-status": _Status,
    "query-version": _Version,
    "x-query-virtio-queue-status": dict[str, Any],
}
_NOT_EMPTY = {"query-cpus-fast"}


def checked(command: str, answer: Any) -> Any:
    """The answer, if it has the shape that QAPI promises. Errors: QemuError.

    JSON can also hold what no other form can: half a character, an endless number.
    """
    try:
        msgspec.convert(answer, _SHAPES.get(command, Any))
        msgspec.msgpack.encode(answer)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise _odd(command, str(error)) from error
    if command in _NOT_EMPTY and not answer:
        raise _odd(command, "it is empty")
    return answer


def _odd(command: str, how: str) -> QemuError:
    return QemuError(
        f"the answer to {command} is not what QEMU's protocol says: {how}",
        "is that program a QEMU? its log may say more",
    )
