"""Asking a build for its CPU models: what each is made of, and what this host lacks of it.

An expansion (`qemu.cpu_model`) does not start the CPU, so what it tells is the model's definition
and not what the host can run of it (`x86_cpu_filter_features` of target/i386/cpu.c, 10.0, runs
only when a CPU is realized). What the host lacks is told by `query-cpu-definitions`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.errors import CommandError
from qcompat.hosts.ask.answers import NESTED, definition
from qcompat.hosts.capture import Definition
from qcompat.hosts.cpu.model_names import is_versioned
from qcompat.qemu.cpu_model import expand
from qcompat.qemu.process import Qemu


async def feature_names(qemu: Qemu, name: str) -> tuple[str, ...]:
    """All features that the build has a name for: a static expansion tells these alone."""
    answer = await qemu.execute(
        "query-cpu-model-expansion", {"type": "static", "model": {"name": name}}
    )
    props = answer["model"]["props"]
    return tuple(sorted(key for key, value in props.items() if isinstance(value, bool)))


async def define(qemu: Qemu, names: Iterable[str]) -> dict[str, Definition]:
    """The definitions of the versioned models among `names`."""
    found: dict[str, Definition] = {}
    for name in filter(is_versioned, names):
        try:
            plain, nested = await expand(qemu, name), await expand(qemu, name, NESTED)
        except CommandError:
            continue  # a model that cannot be made here is not one that could be chosen
        found[name] = definition(plain, nested)
    return found
