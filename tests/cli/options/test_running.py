"""A running guest is named once, in one of three ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.cli.options.running import running_of
from qcompat.errors import UsageError
from qcompat.portrait.running.reach.running import Domain, Process, Socket


def test_each_way_names_a_running_guest() -> None:
    assert running_of(Path("/s"), None, None, None) == Socket(Path("/s"))
    assert running_of(None, 7, None, None) == Process(7)
    assert running_of(None, None, "-web", None) == Domain("-web")
    assert running_of(None, None, "web", "qemu:///system") == Domain("web", "qemu:///system")
    assert running_of(None, None, None, None) is None


@pytest.mark.parametrize(
    "given",
    [
        (Path("/s"), 7, None, None),
        (None, 7, "web", None),
        (Path("/s"), 7, "web", None),
        (None, None, None, "qemu:///system"),
        (None, 7, None, "qemu:///system"),
        (None, None, "", None),
        (None, None, "web", ""),
        (Path(), None, None, None),
    ],
)
def test_more_than_one_way_and_none_that_is_named_are_refused(
    given: tuple[Path | None, int | None, str | None, str | None],
) -> None:
    with pytest.raises(UsageError) as caught:
        running_of(*given)
    assert caught.value.hint
