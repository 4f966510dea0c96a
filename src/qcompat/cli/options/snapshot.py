"""Which snapshot of a qcow2 image is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def snapshot_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--snapshot`, for qcow2 images."""
    option = click.option(
        "--snapshot", metavar="NAME", help="Snapshot in a qcow2 image that has several."
    )
    return option(command)
