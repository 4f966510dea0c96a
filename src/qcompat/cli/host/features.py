"""`qcompat host features`: what a line such as `Features 0x… unsupported` says, bit by bit."""

from __future__ import annotations

import sys

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.hosts.devices.explain import explain
from qcompat.hosts.devices.feature_words import find_words

_MOST_BYTES = 16 << 20


@click.command()
@click.argument("text", nargs=-1, metavar="MESSAGE|WORD [WORD]")
@click.option(
    "--device", default="", metavar="TYPE", help="The kind of device, such as virtio-net."
)
@shown_as("host features", verbose="Also name the allowed features.")
def features(text: tuple[str, ...], device: str, shown: Shown) -> None:
    """Explain QEMU's `Features 0x… unsupported`, bit by bit.

    Each refused feature of the virtio device is named, with the property that controls it.
    MESSAGE is a line of QEMU's log or a whole log; `-` reads it from standard input. Or give the
    two words themselves, decimal or hexadecimal: the features that the guest's driver agreed
    on, then those that the target allows.
    """
    shown.show([explain(words, device) for words in find_words(_given(text))])


def _given(text: tuple[str, ...]) -> str:
    if text == ("-",):
        return sys.stdin.buffer.read(_MOST_BYTES).decode(errors="replace")
    if not text:
        raise UsageError(
            "no message is given",
            "quote the line of QEMU's log, or pipe the log into: qcompat host features -",
        )
    return " ".join(text)
