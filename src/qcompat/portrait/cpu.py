"""Asking a build for the guest's processors.

Feature words come from the running CPU object (property `feature-words`), the names and the
other values from `query-cpu-model-expansion` (since 2.8): one question instead of some five
hundred `qom-get`, which take 0.3 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from qcompat.arch.architecture import architecture_with_cpu, cpu_model
from qcompat.errors import CommandError
from qcompat.portrait.portrait import Cpu, FeatureWord, Gap
from qcompat.qemu.cpu_model import expand
from qcompat.qemu.process import Qemu

_VALUES = ("family", "model", "stepping", "level", "xlevel", "vendor", "model-id", "phys-bits")


class _Word(msgspec.Struct):
    """X86CPUFeatureWordInfo of qapi/machine-target.json."""

    eax: int = msgspec.field(name="cpuid-input-eax")
    register: str = msgspec.field(name="cpuid-register")
    value: int = msgspec.field(name="features")
    ecx: int | None = msgspec.field(name="cpuid-input-ecx", default=None)


async def ask_cpu(qemu: Qemu, arguments: Sequence[str]) -> tuple[Cpu | None, tuple[Gap, ...]]:
    """The processors, and what could not be learned of them."""
    cpus = await qemu.execute("query-cpus-fast")
    if not cpus:
        return None, (Gap("cpu", "the build reports no processor"),)
    path = cpus[0]["qom-path"]
    type_name = str(await qemu.execute("qom-get", {"path": path, "property": "type"}))
    known = architecture_with_cpu(type_name)
    words, gaps = await _words(qemu, path, known.cpu_words if known else "")
    properties, more = await _properties(qemu, path, type_name, arguments)
    return Cpu(type_name, len(cpus), words, properties), (*gaps, *more)


async def _words(
    qemu: Qemu, path: str, words: str
) -> tuple[tuple[FeatureWord, ...], tuple[Gap, ...]]:
    if not words:
        return (), ()
    try:
        raw = await qemu.execute("qom-get", {"path": path, "property": words})
    except CommandError as error:
        return (), (Gap("cpu feature words", error.message),)
    told = msgspec.convert(raw, list[_Word])
    found = (FeatureWord(each.eax, each.ecx, each.register, each.value) for each in told)
    return tuple(sorted(found, key=lambda w: (w.eax, w.ecx or 0, w.register))), ()


async def _properties(
    qemu: Qemu, path: str, type_name: str, arguments: Sequence[str]
) -> tuple[Mapping[str, str], tuple[Gap, ...]]:
    properties: dict[str, str] = {}
    gaps: tuple[Gap, ...] = ()
    try:
        said = await expand(qemu, cpu_model(type_name), _given(arguments))
        properties |= {name: _text(value) for name, value in said.items()}
    except CommandError as error:
        gaps = (Gap("cpu feature names", error.message),)
    for name in _VALUES:
        try:
            value = await qemu.execute("qom-get", {"path": path, "property": name})
        except CommandError:
            continue
        properties[name] = _text(value)
    return dict(sorted(properties.items())), gaps


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _given(arguments: Sequence[str]) -> dict[str, Any]:
    """The properties of the guest's `-cpu MODEL,+x,-y,z=V` as QMP values."""
    values = [after for name, after in pairwise(arguments) if name == "-cpu"]
    if not values:
        return {}
    given: dict[str, Any] = {}
    for item in values[-1].split(",")[1:]:
        if item.startswith(("+", "-")):
            given[item[1:]] = item[0] == "+"
        elif item:
            name, _, value = item.partition("=")
            given[name] = _typed(value)
    for name in ("enforce", "check"):
        given.pop(name, None)
    return given


def _typed(value: str) -> bool | int | str:
    if value in ("", "on", "off", "true", "false", "yes", "no"):
        return value in ("", "on", "true", "yes")
    try:
        return int(value, 0)
    except ValueError:
        return value
