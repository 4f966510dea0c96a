"""Asking a build for its CPU models: what each is made of, and what this host lacks of it.

`query-cpu-model-expansion` makes a CPU of the model without starting it, so what it tells is
the model's definition and not what the host can run of it (target/i386/cpu-system.c 10.0,
qmp_query_cpu_model_expansion; `x86_cpu_filter_features` runs only when a CPU is realized).
What the host lacks is told by `query-cpu-definitions`. A model costs 2 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qcompat.errors import CommandError
from qcompat.hosts.ask.answers import NESTED, definition
from qcompat.hosts.capture import Definition
from qcompat.hosts.models.naming import is_versioned
from qcompat.qemu.process import Qemu


async def expand(qemu: Qemu, name: str, **props: Any) -> Mapping[str, Any]:
    """Every property of a CPU of that model. Errors: CommandError where the build has none."""
    answer = await qemu.execute(
        "query-cpu-model-expansion", {"type": "full", "model": {"name": name, "props": props}}
    )
    found: Mapping[str, Any] = answer["model"]["props"]
    return found


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
            plain, nested = await expand(qemu, name), await expand(qemu, name, **NESTED)
        except CommandError:
            continue  # a model that cannot be made here is not one that could be chosen
        found[name] = definition(plain, nested)
    return found
