"""A filter for the sandbox under which KVM is not told of guest memory.

A guest that never runs needs none in KVM. Where the processor's own second-level paging is not
there (nested virtualisation, mostly) KVM allocates 2.5 GB of tables for each TB of guest memory,
and needs 3 s for them, before the guest has touched a byte; QEMU then asks for the pages that
changed, of which there are none. The filter answers these requests with success.

Only the number of a request can be filtered, not what it points to, so it is all memory or none.
"""

from __future__ import annotations

import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table

# linux/kvm.h: KVM_SET_USER_MEMORY_REGION, its successor of Linux 6.8, KVM_GET_DIRTY_LOG and
# KVM_CLEAR_DIRTY_LOG; the numbers are the same on all hosts of kvm_memory.toml.
_REQUESTS = (0x4020AE46, 0x40A0AE49, 0x4010AE42, 0xC018AEC0)
# linux/bpf_common.h, linux/seccomp.h
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _SUCCEED = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_REQUEST = 24  # the low half of the second argument in struct seccomp_data


class _Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A host of kvm_memory.toml, where its fields are explained."""

    audit: int
    ioctl: int


@cache
def _hosts() -> Mapping[str, _Host]:
    return read_table("qcompat.builds.run", "kvm_memory.toml", dict[str, _Host])


def open_filter() -> int | None:
    """A file with the filter, for bubblewrap's `--seccomp`; None on hosts without one.

    It is read to its end once: every start needs its own. The caller closes it.
    """
    if (host := _hosts().get(platform.machine())) is None:
        return None
    file = os.memfd_create("qcompat-filter")
    os.write(file, b"".join(_program(host)))
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _program(host: _Host) -> Iterator[bytes]:
    """struct sock_filter: code, jump if true, jump if false, operand. Jumps count from the next."""
    left = len(_REQUESTS)
    request = _REQUEST if sys.byteorder == "little" else _REQUEST + 4
    yield _line(_LOAD, 0, 0, _ARCHITECTURE)
    yield _line(_JUMP_IF_EQUAL, 0, left + 3, host.audit)
    yield _line(_LOAD, 0, 0, _NUMBER)
    yield _line(_JUMP_IF_EQUAL, 0, left + 1, host.ioctl)
    yield _line(_LOAD, 0, 0, request)
    for at, number in enumerate(_REQUESTS):
        yield _line(_JUMP_IF_EQUAL, left - at, 0, number)
    yield _line(_RETURN, 0, 0, _ALLOW)
    yield _line(_RETURN, 0, 0, _SUCCEED)


def _line(code: int, if_true: int, if_false: int, operand: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
