"""Records what libvirt saves: `python -m tools.stream_recordings.libvirt DIR [--into DIR]`.

Libvirt and QEMU of a suite are unpacked into one root `DIR/libvirt-SUITE`; its libvirtd runs in
a sandbox of its own with a directory for everything that it writes, so neither the libvirt of
this machine nor its guests are touched. One guest is saved in each format that it knows.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from qcompat.builds.run.sandbox import PRIVATE
from tools.stream_recordings.boards import fetch_root
from tools.stream_recordings.images import make_images
from tools.stream_recordings.storage import PLACE, keep

PACKAGES = (
    *("libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86"),
    *("bash", "coreutils", "seabios", "bzip2", "gzip", "lzop", "xz-utils", "zstd"),
)
FORMATS = {
    "bookworm": ("raw", "gzip", "bzip2", "xz", "lzop"),
    "trixie": ("raw", "zstd", "sparse"),
}
"""zstd came with libvirt 10.7, sparse (QEMU's mapped-ram) with 11.2."""

# Debian's libvirt looks its own user up, whoever is to run the guests.
_USERS = "root:x:0:0::/root:/bin/bash\nlibvirt-qemu:x:64055:64055::/:/bin/false\n"
_GROUPS = "root:x:0:\nkvm:x:106:\nlibvirt:x:107:\nlibvirt-qemu:x:64055:\n"
_CONFIGURATION = """
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
save_image_format = "{format}"
"""
_DOMAIN = """
<domain type='qemu'>
  <name>guest</name>
  <uuid>c7a5fdbd-cdaf-9455-926a-d65c16db1809</uuid>
  <memory unit='MiB'>8</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='{machine}'>hvm</type><loader>/guest/idle.bin</loader></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='virtio'/>
  </devices>
</domain>
"""
_SCRIPT = """
set -e
mkdir -p /run /root /var/lib/libvirt /var/cache /var/log/libvirt
ln -s /run /var/run
libvirtd >&2 &
for i in $(seq 100); do [ -S /run/libvirt/libvirt-sock ] && break; sleep 0.1; done
virsh --quiet create --paused /guest/domain.xml >&2
virsh --quiet save --paused guest /guest/save >&2
virsh --quiet restore --paused /guest/save >&2
virsh --quiet destroy guest >&2
libvirtd --version
"""
SECONDS = 90
_MACHINES = {"bookworm": "pc-q35-7.2", "trixie": "pc-q35-10.0"}


def main() -> None:
    """Record every format of every suite."""
    parser = argparse.ArgumentParser(prog="python -m tools.stream_recordings.libvirt")
    parser.add_argument("roots", type=Path)
    parser.add_argument("--into", type=Path, default=PLACE)
    options = parser.parse_args()
    for suite, formats in FORMATS.items():
        root = options.roots.absolute() / f"libvirt-{suite}"
        if not root.exists():
            fetch_root(suite, PACKAGES, root)
        for form in formats:
            record(root, suite, form, options.into)


def record(root: Path, suite: str, form: str, into: Path) -> None:
    """Save one guest and restore it; only what was restored is kept."""
    with tempfile.TemporaryDirectory(prefix="stream-") as folder:
        work = Path(folder)
        make_images(work)
        (work / "etc" / "libvirt").mkdir(parents=True)
        (work / "etc" / "passwd").write_text(_USERS)
        (work / "etc" / "group").write_text(_GROUPS)
        (work / "etc" / "libvirt" / "qemu.conf").write_text(_CONFIGURATION.format(format=form))
        (work / "domain.xml").write_text(_DOMAIN.format(machine=_MACHINES[suite]))
        told = subprocess.run(
            [*_sandbox(root, work), "bash", "-c", _SCRIPT],
            capture_output=True,
            text=True,
            timeout=90,
        )
        if told.returncode:
            print(f"{suite} {form}: FAILED\n{told.stdout}{told.stderr}")
            return
        version = re.findall(r"\d+\.\d+\.\d+", told.stdout)[-1]
        content = (work / "save").read_bytes()
    keep(content, into / f"libvirt-{version}-{form}.save.zst")


def _sandbox(root: Path, work: Path) -> list[str]:
    """Everything that libvirtd starts ends with it: they share a process namespace."""
    merged = [
        word
        for name in ("bin", "sbin", "lib", "lib64")
        for word in ("--symlink", f"usr/{name}", f"/{name}")
    ]
    return [
        *("bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent"),
        *("--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin", "--setenv", "HOME", "/root"),
        *("--tmpfs", "/", "--ro-bind", f"{root}/usr", "/usr", *merged, *PRIVATE),
        *("--bind", str(work / "etc"), "/etc", "--bind", str(work), "/guest"),
        *("--ro-bind", "/sys", "/sys"),
    ]


if __name__ == "__main__":
    main()
