"""The audio back end of every voice, named: from 8.2 on no other counts.

Until then a voice without `audiodev=` got the first `-audiodev`, or what the host has; from 8.2 on
it gets that of `-audio`, and beside `-nodefaults` none at all (docs/about/removed-features.rst,
"Using -audiodev to define the default audio backend").
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.guest.stand_ins.audio import VOICES
from qcompat.remedy.gone import Change
from qcompat.remedy.options import Options, Written
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import edited_value

_OWN = "audio0"
_SILENT = "the guest's sound goes nowhere until this names the driver that it had"


def name_voices(options: Options) -> Iterator[Change]:
    """Give every `-device` that has none the back end that older builds would have given it."""
    voices = [each for each in options.named("device") if _lacks_one(each)]
    if not voices or options.named("audio"):
        return
    named = [each.read().get("id") for each in options.named("audiodev")]
    if not named and not options.named("nodefaults"):
        return
    for voice in voices:
        before = voice.words
        setting = Setting("", "audiodev", named[0] if named else _OWN, kind="str")
        voice.value = edited_value(voice.value, setting, "driver", setting.kind)
        yield Change(before, voice.words)
    if not named:
        words = ("-audiodev", f"none,id={_OWN}")
        options.add(*words)
        yield Change((), words, _SILENT)


def _lacks_one(device: Written) -> bool:
    option = device.read()
    return option.get("driver") in VOICES and not option.has("audiodev")
