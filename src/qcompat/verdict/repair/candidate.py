"""What a candidate is: one setting that might repair, and the place that it belongs to."""

from __future__ import annotations

import msgspec

from qcompat.remedy.setting import Setting


class Candidate(msgspec.Struct, frozen=True, order=True):
    """A setting that might repair, and the place that it belongs to."""

    place: str
    setting: Setting
