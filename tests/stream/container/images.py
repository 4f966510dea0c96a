"""Makes qcow2 images with internal snapshots of real guests, and reads them back otherwise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run.command import command

# The pattern that fills the disk: none of it may be found in what is taken for the state.
FILL = "write -P 0xAA"


def create(image: Path, *options: str, size: str = "10000k") -> Path:
    """An empty image; its disk does not end where a cluster does unless `size` says so."""
    run("qemu-img", "create", "-q", "-f", "qcow2", *options, str(image), size)
    return image


def fill(image: Path, *places: str) -> None:
    """Write to these places of the disk, such as `1M 2M`."""
    for place in places:
        run("qemu-io", "-c", f"{FILL} {place}", str(image))


def take(build: Build, image: Path, *lines: str) -> None:
    """Have a paused guest of 16 MiB with this disk carry out lines of the human monitor."""
    image.chmod(0o666)
    words = command(build, writable=[image.parent], kvm=False)
    machine = ("-M", "pc", "-m", "16M", "-nodefaults", "-display", "none", "-accel", "tcg", "-S")
    disk = ("-drive", f"file={image},format=qcow2,if=virtio", "-monitor", "stdio")
    told = subprocess.run(
        [*words, *machine, *disk],
        input="".join(f"{line}\n" for line in (*lines, "quit")).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0 and b"Error" not in told.stdout, told.stdout.decode()


def state(image: Path, snapshot: str, length: int) -> bytes:
    """The state as QEMU itself reads it: `qemu-io read -b`, of a copy with the snapshot applied."""
    sectors = -(-length // 512)
    copy = image.with_suffix(".applied")
    copy.write_bytes(image.read_bytes())
    run("qemu-img", "snapshot", "-a", snapshot, str(copy))
    dump = run("qemu-io", "-f", "qcow2", "-c", f"read -b -v 0 {sectors * 512}", str(copy))
    lines = re.findall(rb"^[0-9a-f]{8,}: +((?:[0-9a-f]{2} ){1,16})", dump, re.MULTILINE)
    return b"".join(bytes.fromhex(line.decode()) for line in lines)[:length]


def run(*words: str) -> bytes:
    """What the program prints."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
