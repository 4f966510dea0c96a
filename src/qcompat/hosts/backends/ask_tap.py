"""Asking the kernel what a tap can carry, in a network namespace of its own.

The tap exists for some milliseconds in an empty network: the host's network is neither seen nor
changed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from qcompat.builds.run import sandbox
from qcompat.builds.run.tether import kill, tethered
from qcompat.errors import UNDECODABLE
from qcompat.hosts.backends.model import Tap, offloads
from qcompat.portrait.portrait import Gap

MOST_QUEUES = 256
"""Queues of one tap that the kernel allows (MAX_TAP_QUEUES, drivers/net/tun.c of Linux)."""
PART = "tap"

_PROBE = Path(__file__).with_name("probe.py")
_SECONDS = 20
_VNET_HDR, _MULTI_QUEUE = 0x4000, 0x0100


class _Answer(msgspec.Struct, frozen=True):
    """What `probe` printed."""

    flags: int = 0
    taken: tuple[int, ...] = ()
    queues: int = 0
    failed: str = ""


def ask_tap() -> Tap | Gap:
    """What a tap of this host can carry, or why it could not be asked."""
    if lacking := sandbox.why_not():
        return Gap(PART, f"asking needs a private network made by bubblewrap, but {lacking}")
    if not sandbox.can_make_taps():
        return Gap(PART, "no tap can be made in a private network here (is /dev/net/tun usable?)")
    words = (*sandbox.BASE, "--ro-bind", "/", "/", *sandbox.PRIVATE[:4], *sandbox.taps())
    masks = [hex(each.mask) for each in offloads()]
    program = (sys.executable, "-I", "-S", str(_PROBE), *masks, str(MOST_QUEUES))
    answer = _ask([*words, "--", *program])
    return Gap(PART, answer) if isinstance(answer, str) else _tap(answer)


def _ask(words: list[str]) -> _Answer | str:
    try:
        process = subprocess.Popen(
            tethered(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return f"asking failed: {error}"
    with process:
        try:
            output, errors = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return f"the kernel did not answer within {_SECONDS} s"
        finally:
            kill(process)
    try:
        answer = msgspec.json.decode(output, type=_Answer)
    except UNDECODABLE:
        return f"asking failed: {errors.decode(errors='replace').strip()[-300:]}"
    return answer.failed or answer


def _tap(answer: _Answer) -> Tap:
    taken = set(answer.taken)
    return Tap(
        vnet_hdr=bool(answer.flags & _VNET_HDR),
        multiqueue=bool(answer.flags & _MULTI_QUEUE),
        queues=answer.queues,
        offloads=tuple(each.name for each in offloads() if each.mask in taken),
    )
