"""Feature words in QEMU's messages: found in text of any length, hexadecimal or decimal.

What QEMU prints (hw/virtio/virtio.c, virtio_load; hw/net/vhost_net.c, vhost_net_init):

    Features 0x%lx unsupported. Allowed features: 0x%lx        5.2 to 10.1, the first also 0x%x
    Features 0x%016lx%016lx unsupported. Allowed features: …   10.2 on, 128 bits
    vhost lacks feature mask 0x%lx for backend                 decimal in 7.2

People shorten the second half to `Allowed 0x…`. The lines that follow in a log name the device.

From 10.2 on the first word is printed after the refused bits were taken out of it: the word is
handed to virtio_set_features_nocheck by reference, which stores what is left in it
(hw/virtio/virtio.c of 10.2.2; seen on 11.1.3). Such a message does not show what was refused.
"""

from __future__ import annotations

import re

import msgspec

from qcompat.errors import UsageError

MOST_BITS = 128
"""Features of one device, since 10.2 (include/hw/virtio/virtio-features.h); 64 before."""

_NUMBER = r"0[xX][0-9a-fA-F]+|[0-9]+"
_REFUSED = re.compile(
    rf"\bFeatures\s+(?P<agreed>{_NUMBER})\s+unsupported\.?"
    rf"(?:\s*Allowed(?:\s+features)?:?\s+(?P<allowed>{_NUMBER}))?",
    re.IGNORECASE,
)
_LACKING = re.compile(rf"\bvhost lacks feature mask\s+(?P<lacking>{_NUMBER})", re.IGNORECASE)
_BARE = re.compile(rf"(?:{_NUMBER})(?:[\s,;:]+(?:{_NUMBER}))*")
_SECTION = re.compile(r"of device '(?P<section>[^']+)'")
_STATE = re.compile(r"Failed to load (?P<state>[\w-]+):")
_HINT = (
    "give the line from QEMU's log in quotes, or the feature words: what the guest agreed on, "
    "then what the target allows"
)


class FeatureWords(msgspec.Struct, frozen=True):
    """The words of one message.

    `agreed` is what the guest's driver agreed on with the source, `allowed` what the target's
    device offers, None where unknown. `lacking` says that `agreed` holds only what
    vhost lacks. `section` is the section of the stream (`0000:00:02.0/virtio-net`) or the
    state's name, empty where no line names it. `is_refusal` says that QEMU refused the agreed
    features; otherwise the words are only asked about.
    """

    agreed: int
    allowed: int | None = None
    section: str = ""
    is_refusal: bool = False
    lacking: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether QEMU took the refused bits out before it printed the word (10.2 and later)."""
        return self.allowed is not None and self.is_refusal and not self.agreed & ~self.allowed

    @property
    def refused(self) -> int:
        """The bits that the target does not allow; none where it is unknown what it allows."""
        if self.lacking:
            return self.agreed
        return 0 if self.allowed is None else self.agreed & ~self.allowed

    @property
    def state(self) -> str:
        """The device's kind, as its state is called: `virtio-net`; empty where unknown."""
        return self.section.rpartition("/")[2]


def find_words(text: str) -> tuple[FeatureWords, ...]:
    """Every message in `text` once; bare numbers are taken as one. Errors: UsageError."""
    found = [_refused(match, text) for match in _REFUSED.finditer(text)]
    found += [FeatureWords(_number(m["lacking"]), lacking=True) for m in _LACKING.finditer(text)]
    if not found and _BARE.fullmatch(text.strip()):
        found = [_bare(re.findall(_NUMBER, text))]
    if not found:
        raise UsageError("the text holds neither a message about features nor a number", _HINT)
    return tuple(dict.fromkeys(found))


def _refused(match: re.Match[str], text: str) -> FeatureWords:
    following = text[match.end() :]
    following = following[: after.start()] if (after := _REFUSED.search(following)) else following
    allowed = match["allowed"]
    return FeatureWords(
        _number(match["agreed"]),
        None if allowed is None else _number(allowed),
        _section(following),
        is_refusal=True,
    )


def _section(text: str) -> str:
    for pattern in (_SECTION, _STATE):
        if found := pattern.search(text):
            return found.group(1)
    return ""


def _bare(numbers: list[str]) -> FeatureWords:
    if len(numbers) > 2:
        raise UsageError(f"{len(numbers)} numbers are given; at most two make sense", _HINT)
    allowed = _number(numbers[1]) if len(numbers) == 2 else None
    return FeatureWords(_number(numbers[0]), allowed)


def _number(text: str) -> int:
    value = int(text, 16) if text[:2].lower() == "0x" else int(text)
    if value.bit_length() > MOST_BITS:
        raise UsageError(
            f"{text} has {value.bit_length()} bits, and a device has at most {MOST_BITS} features",
            "is a digit doubled, or are two words glued together?",
        )
    return value
