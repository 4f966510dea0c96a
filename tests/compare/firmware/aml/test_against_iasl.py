"""What is read of a definition block is what ACPICA's disassembler reads of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from qcompat.compare.firmware.acpi import split_tables
from qcompat.compare.firmware.aml.definitions import definitions
from qcompat.compare.firmware.fields import HEADER
from qcompat.compare.firmware.files import ACPI_TABLES
from qcompat.portrait.portrait import Portrait

KINDS = {
    "Device": "device",
    "Processor": "processor",
    "Name": "name",
    "Method": "method",
    "OperationRegion": "region",
}


def without_methods(text: str) -> str:
    """The text without what is defined only while a method runs."""
    return re.sub(r"(?ms)^( *)(Method \([^\n]*\n)\1\{.*?^\1\}", r"\1\2", text)


@pytest.mark.lab
@pytest.mark.skipif(not shutil.which("iasl"), reason="iasl is not installed (acpica-tools)")
@pytest.mark.parametrize("guest", ["empty", "piix", "more-cpus", "esp"])
@pytest.mark.parametrize("build", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
def test_definitions_are_those_that_iasl_finds(
    recording: Callable[[str], Portrait], guest: str, build: str, tmp_path: Path
) -> None:
    try:
        portrait = recording(f"{guest}@{build}")
    except KeyError:
        pytest.skip("this guest was not recorded on that build")
    (file,) = (file for file in portrait.firmware if file.name == ACPI_TABLES)
    (dsdt,) = (table.data for table in split_tables(file.data) if table.label == "DSDT")
    (tmp_path / "dsdt.dat").write_bytes(dsdt)
    subprocess.run(["iasl", "-d", "dsdt.dat"], cwd=tmp_path, check=True, capture_output=True)

    theirs = Counter(
        (KINDS[word], path.rpartition(".")[2].lstrip("\\^"))
        for word, path in re.findall(
            r"^\s*(Device|Processor|Name|Method|OperationRegion) \(([^,)\s]+)",
            without_methods((tmp_path / "dsdt.dsl").read_text()),
            re.MULTILINE,
        )
    )
    ours = Counter(
        (each.kind, each.path.rpartition(".")[2])
        for each in definitions(dsdt[HEADER:])
        if each.kind in KINDS.values()
    )
    assert ours == theirs
