"""The guest's `-cpu MODEL,+x,-y,name=value` as QEMU reads it.

`+x` and `-y` are applied after all `name=value`, the minus last (x86_cpu_parse_featurestr and
x86_cpu_expand_features of target/i386/cpu.c). Empty items are skipped and a value cannot
hold a comma (strtok); `_` in a name is read as `-` (feat2prop).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from qcompat.errors import GuestError
from qcompat.hosts.cpu.features.names import canonical, is_feature

_ON = frozenset({"on", "yes", "true", "y"})
_OFF = frozenset({"off", "no", "false", "n"})
_RATE = re.compile(r"(\d+(?:\.\d+)?)([kmg]?)")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
"""`tsc-freq` takes them in powers of 1000 (qemu_strtosz_metric)."""


class GuestCpu(msgspec.Struct, frozen=True):
    """A CPU as a guest's arguments ask for it; `others` are properties that are not features."""

    text: str
    model: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    others: Mapping[str, str]

    @property
    def has_enforce(self) -> bool:
        return self.says("enforce")

    @property
    def is_of_host(self) -> bool:
        """Whether the model takes everything from the host."""
        return self.model in ("host", "max")

    @property
    def khz(self) -> int | None:
        """The clock rate that the guest asks for; None where it asks for none."""
        given = self.others.get("tsc-freq", self.others.get("tsc-frequency", ""))
        found = _RATE.fullmatch(given.lower())
        return int(float(found[1]) * _UNITS[found[2]]) // 1000 if found else None

    def says(self, name: str, *, unsaid: bool = False) -> bool:
        """Whether a switch that is not a feature is on; `unsaid` is its default."""
        value = self.others.get(name)
        return unsaid if value is None else value in _ON

    def number(self, name: str) -> int | None:
        """The value of a numeric property; None where the guest does not give one."""
        try:
            return int(self.others.get(name, ""), 0)
        except ValueError:
            return None


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
        if item and not name.startswith(("+", "-")):
            _assign(state, others, name, value if is_given else "on", text)
    for sign, value in (("+", "on"), ("-", "off")):
        for item in items:
            if item.startswith(sign):
                _assign(state, others, item[1:], value, text)
    on = tuple(sorted(name for name, value in state.items() if value))
    return GuestCpu(text, model, on, tuple(sorted(state.keys() - set(on))), others)


def _assign(
    state: dict[str, bool], others: dict[str, str], name: str, value: str, text: str
) -> None:
    if not name:
        raise GuestError(f"{text!r} has a property without a name", "as in: EPYC,+x2apic,-svm")
    if value in _ON | _OFF and is_feature(name):
        state[canonical(name)] = value in _ON
    else:
        others[name.replace("_", "-")] = value
