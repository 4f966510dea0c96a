"""What QEMU says of something that went away leads to what has to be written instead."""

from __future__ import annotations

import pytest

from qcompat.portrait.portrait import Refusal
from qcompat.rules.guest.refusal import advice


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("-device ide-drive,drive=d: 'ide-drive' is not a valid device model name", "ide-hd"),
        ("-device scsi-disk: 'scsi-disk' is not a valid device model name", "scsi-hd"),
        ("-device virtio-blk-pci,scsi=on: Property 'virtio-blk-pci.scsi' not found", "virtio-scsi"),
        (
            "Property 'pc-q35-11.1-machine.enforce-config-section' not found",
            "migration.send-configuration",
        ),
        ("-device no-such: 'no-such' is not a valid device model name", ""),
        ("cannot allocate memory", ""),
    ],
)
def test_what_went_away_is_named_with_what_to_write(message: str, said: str) -> None:
    found = advice(Refusal("start", message))
    assert said in found
    assert bool(said) == bool(found)
