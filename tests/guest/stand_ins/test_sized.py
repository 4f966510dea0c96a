"""Files whose size shows: the stand-in has the size, and the file is never opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.guest.arguments import parse

KIB = 1 << 10


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that must not be opened: it is longer than it takes, and nobody may read it."""
    path = tmp_path / "file"
    with path.open("wb") as made:
        made.truncate(192 * KIB)
    path.chmod(0)
    return path


@pytest.mark.parametrize(
    ("given", "stand_in"),
    [
        (("-bios", "{}"), ("-bios", "/qcompat/firmware-196608")),
        (("-machine", "firmware={}"), ("-bios", "/qcompat/firmware-196608")),
        (("-device", "e1000,romfile={}"), ("-device", "e1000,romfile=/qcompat/zeros-196608")),
        (
            ("-device", '{{"driver":"e1000","romfile":"{}"}}'),
            ("-device", "e1000,romfile=/qcompat/zeros-196608"),
        ),
        (("-global", "e1000.romfile={}"), ("-global", "e1000.romfile=/qcompat/zeros-196608")),
        (
            ("-global", "driver=e1000,property=romfile,value={}"),
            ("-global", "e1000.romfile=/qcompat/zeros-196608"),
        ),
        (("-fw_cfg", "opt/a,file={}"), ("-fw_cfg", "opt/a,file=/qcompat/zeros-196608")),
    ],
)
def test_a_file_of_this_machine_keeps_its_size(
    given: tuple[str, str], stand_in: tuple[str, str], file: Path
) -> None:
    guest = parse(["-M", "q35", *(word.format(file) for word in given)])
    assert guest.arguments[-2:] == stand_in
    assert [part.loses for part in guest.uncovered] == ["nothing"]
    assert parse(guest.arguments).arguments == guest.arguments


def test_firmware_that_is_not_here_has_no_known_size() -> None:
    guest = parse(["-bios", "/elsewhere/OVMF.fd"])
    assert "-bios" not in guest.arguments
    assert "not known" in guest.uncovered[0].reason
    assert guest.uncovered[0].counts


def test_nested_json_keeps_the_size_of_a_rom(file: Path) -> None:
    device = f'{{"driver":"e1000","romfile":"{file}","a":{{"b":1}}}}'
    assert '"romfile":"/qcompat/zeros-196608"' in parse(["-device", device]).arguments[-1]
