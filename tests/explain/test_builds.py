"""What the builds themselves can say: each message of theirs that stops a migration has a family.

The messages are read out of the binaries, so that a build with new ones fails here, and names them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.explain.search import search
from qcompat.explain.text import log_text

VERSIONS = ["5.2.0", "7.2.22", "10.0.2", "10.0.13", "11.1.3"]
STRING = re.compile(rb"[\x20-\x7e\n\t]{12,300}(?=\x00)")
ABOUT = re.compile(
    r"migrat|savevm|loadvm|vmstate|VM ?state|ramblock|RAM ?block|section footer|savevm section"
    r"|section or instance|subsection|postcopy|multifd|incoming|version_id|Features 0x|vring\.num"
    r"|\bVQ %d|Bad config data|saved image|VFIO device|vhost lacks|switchover",
    re.IGNORECASE,
)
STOPS = re.compile(
    r"fail|unable|cannot|can't|could ?n[o']t|invalid|unknown|mismatch|missing|error|unexpected"
    r"|unsupported|too (?:new|old|long|large|big|short)|inconsisten|exceed|differ|disabled|blocked"
    r"|\bbad\b|wrong|incorrect|lacks|does ?n[o']t|incompatible|must |requires|illegal|already"
    r"|not (?:yet )?(?:support|allow|compat|migrat|found|exist|match|be|possible|available)",
    re.IGNORECASE,
)
TRACE = re.compile(
    r"%d@|[a-z0-9]+(?:_[a-z0-9]+)+[ :]\s*(?:%|[a-z]+[ :=]*%|[a-z]*$)|migration_|mark_"
)
CODE = re.compile(r"[!(\w>.*&-]+(?:->|\()|[^=]*(?:==|&&)|-|info |.*\bHMP\b|\s")
HARMLESS = re.compile(
    "|".join(
        (
            "terminal does not allow synchronous migration",  # goes on
            "invalidate page cache during live migration",  # help of an option
            "Followup to a migration command",  # help of a command
            "En?able device migration",  # help of a property
            "RAMBlock .* already registered",  # a defect of QEMU, at the start
            "Failed to (?:register vmstate|create ram block attribute)",  # at the start
            "Failed to .* KVM VFIO device",  # at the start
            "virtio-net unexpected empty queue",  # of a running guest
            "vdpa svq does not work",  # at the start
            "Error inject irq for vq",  # of a running guest
            "Cannot downgrade an image",  # qemu-img
            "I/O buffer registration is not supported",  # goes on without
            "vmstate_load_field_error",  # a trace
        )
    )
)
CONVERSION = re.compile(r"%[-+ #0-9.*lhzjtq]*([a-zA-Z])")
VALUES = {"s": "some-name", "x": "1f", "X": "1F", "p": "0x7f00", "m": "Invalid argument"}


def printed(binary: Path) -> list[str]:
    """The messages about a migration that stop it, with a value in each place."""
    found = {each.decode("ascii") for each in STRING.findall(binary.read_bytes())}
    formats = (
        each
        for each in sorted(found)
        if " " in each
        and ABOUT.search(each)
        and STOPS.search(each)
        and not (TRACE.match(each) or CODE.match(each) or HARMLESS.search(each))
    )
    return [CONVERSION.sub(lambda each: VALUES.get(each.group(1), "17"), each) for each in formats]


@pytest.mark.lab
@pytest.mark.parametrize("version", VERSIONS)
def test_messages_of_a_build_have_families(builds: Mapping[str, Build], version: str) -> None:
    if version not in builds:
        pytest.skip(f"no build of {version}")
    build = builds[version]
    messages = printed(Path(f"{build.root}{build.binary}"))
    unknown = [each for each in messages if not search(log_text(f"kvm: {each}"))]
    assert len(messages) > 120
    assert len(unknown) <= len(messages) * 0.05, "\n".join(unknown)
