"""Another host's kernel, imitated for whatever runs in the sandbox.

A seccomp filter answers TUNSETOFFLOAD as a kernel does that does not know some of the offloads
(EINVAL, set_offload in drivers/net/tun.c of Linux). QEMU and qcompat ask the same question and
get the same answer, so such a tap really lacks the offload; nothing of a guest is masked.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qcompat.builds.run import sandbox

USO = 0x60
UDP_TUNNEL = 0x180
_TUNSETOFFLOAD, _IOCTL = 0x400454D0, 16  # x86-64
_ALLOW, _INVALID = 0x7FFF0000, 0x00050000 | 22
_LOAD, _EQUAL, _HAS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _REQUEST, _ARGUMENT = 0, 24, 32  # offsets in struct seccomp_data
_DESCRIPTOR = 9


def imitate_kernel(monkeypatch: pytest.MonkeyPatch, place: Path, *, without: int) -> None:
    """From now on sandboxes run as if on a kernel whose taps refuse the offloads in `without`."""
    place.write_bytes(_filter(without))
    opening = ("/bin/sh", "-c", f'exec "$@" {_DESCRIPTOR}<{place}', "sh")
    program, *rest = sandbox.BASE
    # Bubblewrap before 0.6 takes one filter, and the last one counts.
    monkeypatch.setattr("qcompat.portrait.twin.start.open_filter", lambda: None)
    monkeypatch.setattr(sandbox, "BASE", (*opening, program, "--seccomp", str(_DESCRIPTOR), *rest))


def _filter(without: int) -> bytes:
    """Refuse ioctl(_, TUNSETOFFLOAD, a) where `a` has one of the bits; allow all else."""
    program = [
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, 4, _IOCTL),
        (_LOAD, 0, 0, _REQUEST),
        (_EQUAL, 0, 2, _TUNSETOFFLOAD),
        (_LOAD, 0, 0, _ARGUMENT),
        (_HAS, 1, 0, without),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _INVALID),
    ]
    return b"".join(struct.pack("HBBI", *each) for each in program)
