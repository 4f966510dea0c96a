"""Whether a build has a kind of back end: it is started with that alone, in the sandbox.

Reading a line does not tell: kinds are looked up when one is made, and many lie in modules that a
distribution packages apart (`audio-pa.so`, `ui-gtk.so`, `block-rbd.so`). None of the user's values
is used. What the build then lacks of this machine (a sound device, a server) is no answer about the
build: only its words for a kind that it does not know count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.accelerators import ANY
from qcompat.builds.learn.ask import Answer, ask
from qcompat.builds.run.sandbox import why_not

ALONE = ("-machine", "none", "-nodefaults", "-display", "none")
NO_TYPE = "no-such-type"
"""Back ends are made before devices, so a device that no build has ends QEMU after them."""
_REACHED = re.compile(f"{NO_TYPE}' is not a valid device model name|no usb bus to attach", re.I)
"""QEMU got past the back end; or it knows the USB device, and has no controller (hw/usb/bus.c)."""
_NAMELESS = frozenset({"accel", "display", "usbdevice"})
_COMPLETE = frozenset({"audiodev", "display"})
"""Kinds that need nothing else: no crash on one comes from what the question leaves out."""
_ID = "qcompat"
_NO_SUCH_KIND = re.compile(
    "not a valid char driver name|fsdriver .* not found|invalid object type|"
    "could not add USB device|[Ii]nvalid accelerator|"
    "Parameter '(?:type|driver|backend|qom-type)' does not accept value|"
    "Parameter 'type' expects a (?:netdev|TPM) backend type|Invalid parameter '"
)
"""What builds from 5.2 to 11.1 say to a kind that they were not made with."""
_NOT_HERE = re.compile(
    "Unknown audio driver|Display '.*' is not available|Unknown (?:driver|protocol) '|"
    "Unable to load module|not whitelisted"
)
"""What they say to one that was left out, or whose module is not beside them."""
_INSTALL = re.compile(r"want to install|Unable to load module|module \S+ not found")
_NO_MEMBER = re.compile(r"(?:Invalid parameter|Property) '(?:[\w-]+\.)?([^']+)'(?: not found)?$")
_PROGRAM = re.compile(r"^(?:qemu-system-\w+|audio|qemu): ")
_NO_CPU = re.compile(r"Property '.*' not found|unable to find CPU model|Expected key=value format")
_PROPERTY = re.compile(r"^ +([\w.-]+)=<", re.M)
_PLAIN = re.compile(r"\d+[kKMGT]?|on|off|yes|no|true|false")
"""Values that reach nothing of the host."""


class Lack(msgspec.Struct, frozen=True):
    """What a build says to a kind of back end, or to a `member` of it, that it does not know.

    `is_module`: it may only lack the module, which a distribution has in a package of its own.
    """

    message: str
    is_module: bool = False
    member: str = ""


def lacking_kind(build: Build, option: str, kind: str) -> Lack | None:
    """Why the build makes no such back end, as in `-chardev tty`; None where it knows it.

    A block driver is asked for as `-drive`; a protocol ends with a colon.
    Errors: BuildError when the build cannot be asked.
    """
    value = _value(option, kind)
    alone = ALONE[:-2] if option == "display" else ALONE
    answer = ask(build, [*alone, f"-{option}", value, "-device", NO_TYPE])
    return None if _REACHED.search(answer.errors) else _lack(answer, option, kind, value)


def _lack(answer: Answer, option: str, kind: str, value: str) -> Lack | None:
    rows = [_PROGRAM.sub("", row.rpartition(f"{value}: ")[2]) for row in answer.errors.splitlines()]
    wants_module = any(_INSTALL.search(row) for row in rows)
    for row in rows:
        if _NO_SUCH_KIND.search(row):
            return Lack(row, wants_module)
        if _NOT_HERE.search(row):
            return Lack(row, is_module=True)
    if answer.code > 128 and option in _COMPLETE:  # 11.1 does where an audio module is not there
        return Lack(f"QEMU crashes on -{option} {kind} alone", is_module=True)
    return None


def _value(option: str, kind: str) -> str:
    if option in _NAMELESS:
        return kind
    if option == "drive":
        made = f"driver=raw,file={kind}x" if kind.endswith(":") else f"driver={kind}"
        return f"if=none,id={_ID},{made}"
    return f"{kind},id={_ID}"


def lacking_cpu(build: Build, cpu: str) -> str:
    """Why the build does not know the value of a `-cpu`; empty where it does.

    The machine `none` makes the processor, and fails for want of a place for it once the model and
    its properties were found (x86_cpu_realizefn). What the host can run of it is another question.
    Errors: BuildError when the build cannot be asked.
    """
    answer = ask(build, [*ALONE, *ANY, "-cpu", cpu])
    rows = (row for row in answer.errors.splitlines() if _NO_CPU.search(row))
    return next((_PROGRAM.sub("", row) for row in rows), "")


def lacking_member(
    build: Build, option: str, kind: str, members: Sequence[tuple[str, str]]
) -> Lack | None:
    """The first member of a `-netdev` or `-object` that the build does not know.

    Errors: BuildError when the build cannot be asked.
    """
    if option == "object":
        return _lacking_property(build, kind, [key for key, _ in members])
    if not members or why_not():  # outside of a sandbox it would be a network of this machine
        return None
    given = ",".join(f"{key}={value if _PLAIN.fullmatch(value) else 'x'}" for key, value in members)
    answer = ask(build, [*ALONE, "-netdev", f"{kind},id={_ID},{given}", "-device", NO_TYPE])
    for row in answer.errors.splitlines():
        found = _NO_MEMBER.search(row)
        if found and found[1] in dict(members):
            return Lack(f"Invalid parameter '{found[1]}'", member=found[1])
    return None


def _lacking_property(build: Build, kind: str, keys: Sequence[str]) -> Lack | None:
    """Up to 5.2 the list has only a part of them, so each that is not there is tried."""
    listed = ask(build, ["-object", f"{kind},help"]).output.decode(errors="replace")
    known = set(_PROPERTY.findall(listed))
    for key in (key for key in keys if key.partition(".")[0] not in known):
        answer = ask(build, [*ALONE, "-object", f"{kind},id={_ID},{key}=on", "-device", NO_TYPE])
        for row in answer.errors.splitlines():
            found = _NO_MEMBER.search(row)
            if found and found[1] == key:
                return Lack(f"Property '{kind}.{key}' not found", member=key)
    return None
