"""Audio: every `-audiodev` becomes the silent one, and every voice names one.

From 9.0 a voice without `audiodev=` is refused beside `-nodefaults`, while older builds look
for a sound card of the host (audio/audio.c, audio_get_default_audio_state, 10.0); so a voice
that names none gets what QEMU would take: the first one, or one made for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced

# Devices with an `audiodev` property, 5.2 to 11.1.
VOICES = frozenset(
    {
        "AC97",
        "ES1370",
        "ac97",
        "adlib",
        "cs4231a",
        "es1370",
        "gus",
        "hda-duplex",
        "hda-micro",
        "hda-output",
        "sb16",
        "usb-audio",
        "virtio-sound",
        "virtio-sound-device",
        "virtio-sound-pci",
    }
)
OWN = "silent"
"""The id of the back end that no user named."""


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for all audio backends."""
    named = [option for option in options if option.name == "audiodev"]
    default = named[0].get("id") if named else OWN
    made = [_changed(option, default) for option in options]
    if not named and made != list(options):
        made.append(Option("audiodev", (("driver", "none"), ("id", OWN))))
    return Replaced(tuple(made))


def _changed(option: Option, default: str) -> Option:
    if option.name == "audiodev":
        return option.having((("driver", "none"), ("id", option.get("id"))))
    lacks = option.name == "device" and not option.has("audiodev")
    if lacks and option.get("driver") in VOICES:
        return option.adding(("audiodev", default))
    return option
