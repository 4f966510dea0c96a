"""Asking a QEMU what a CPU model is made of.

`query-cpu-model-expansion` makes a CPU of the model under the running machine type, compat
properties and all, without starting it (target/i386/cpu-system.c 10.0,
qmp_query_cpu_model_expansion; full expansions since 3.0). It costs 2 ms a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qcompat.qemu.process import Qemu


async def expand(qemu: Qemu, name: str, props: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every property of a CPU of that model, given `props`.

    Errors: CommandError where the build has none, or cannot make one.
    """
    model = {"name": name, "props": dict(props or {})}
    answer = await qemu.execute("query-cpu-model-expansion", {"type": "full", "model": model})
    return dict(answer["model"]["props"])
