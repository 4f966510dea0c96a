"""The guest's `-cpu MODEL,+x,-y,name=value` as QEMU reads it.

`+x` and `-y` are applied after all `name=value`, the minus last (x86_cpu_parse_featurestr and
x86_cpu_expand_features of target/i386/cpu.c).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.errors import GuestError
from qcompat.hosts.features.names import canonical, is_feature

_ON = frozenset({"on", "yes", "true", "y"})
_OFF = frozenset({"off", "no", "false", "n"})


class GuestCpu(msgspec.Struct, frozen=True):
    """A CPU as a guest's arguments ask for it; `others` are properties that are no features."""

    text: str
    model: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    others: Mapping[str, str]

    @property
    def has_enforce(self) -> bool:
        return self.others.get("enforce", "off") in _ON

    @property
    def is_of_host(self) -> bool:
        """Whether the model takes all from the host."""
        return self.model in ("host", "max")


def parse_cpu(text: str) -> GuestCpu:
    """Errors: GuestError."""
    model, *items = text.removeprefix("-cpu").strip().split(",")
    if not model or model.startswith(("+", "-")) or "=" in model:
        raise GuestError(
            f"{text!r} names no CPU model", "as in: --guest 'EPYC-Rome-v2,+x2apic,-svm,enforce'"
        )
    state: dict[str, bool] = {}
    others: dict[str, str] = {}
    for item in items:
        name, is_given, value = item.partition("=")
        if not name.startswith(("+", "-")):
            _assign(state, others, name, value if is_given else "on", text)
    for sign in "+-":
        state |= {canonical(i[1:]): sign == "+" for i in items if i.startswith(sign)}
    on = tuple(sorted(name for name, value in state.items() if value))
    return GuestCpu(text, model, on, tuple(sorted(state.keys() - set(on))), others)


def _assign(
    state: dict[str, bool], others: dict[str, str], name: str, value: str, text: str
) -> None:
    if not name:
        raise GuestError(f"{text!r} has an empty property", "take out the second comma")
    if value in _ON | _OFF and is_feature(name):
        state[canonical(name)] = value in _ON
    else:
        others[name] = value
