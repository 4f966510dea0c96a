"""Everything else that a line names: memory files, directories, certificates, descriptors."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.accuracy.whole.realise.line import Option
from tools.accuracy.whole.realise.place import NotHadError, Place
from tools.accuracy.whole.realise.storage import MASTER_KEY, realise_disks

HOST_DEVICES = (
    "usb-host",
    "vfio-",
    "vhost-scsi",
    "vhost-vsock",
    "vhost-user-gpu",
    "vhost-user-vga",
    "virtio-input-host",
    "scsi-generic",
    "scsi-block",
    "ccid-card-emulated",
)
SEABIOS = Path("/usr/share/seabios/bios-256k.bin")
JPEG = b"\xff\xd8\xff\xe0" + bytes(256)
LARGEST_HUGE = 2 << 30


def realise(options: Sequence[Option], place: Place) -> None:
    """Make all that stays for every start. Errors: NotHadError."""
    for option in options:
        if option.name in _MAKERS:
            _MAKERS[option.name](option, place)
    realise_disks(options, place)


def _file(place: Place, named: str, contents: bytes) -> None:
    path = place.path(named)
    if not path.exists():
        path.write_bytes(contents)


def _device(option: Option, _place: Place) -> None:
    if option.kind.startswith(HOST_DEVICES):
        raise NotHadError(f"no device of the host behind {option.kind}")


def _object(option: Option, place: Place) -> None:
    fields, kind = option.fields, option.kind
    if kind == "secret" and "file" in fields:
        _file(place, str(fields["file"]), MASTER_KEY)
    elif kind == "rng-random" and not Path(str(fields.get("filename", "/dev/urandom"))).exists():
        place.device(str(fields["filename"]), "/dev/urandom")
    elif kind == "memory-backend-file":
        _memory(str(fields["mem-path"]), place)
    elif kind == "tls-creds-x509":
        _certificates(place, str(fields["dir"]))
    elif kind == "input-linux":
        raise NotHadError("no input device of the host")


def _memory(named: str, place: Place) -> None:
    """Huge pages are huge pages; any other path is a file or a directory of a file system."""
    if "huge" in named:
        _huge_pages(named, place)
    elif named.startswith("/dev/") and not named.startswith("/dev/shm"):  # noqa: S108
        raise NotHadError(f"no memory device {named}")
    else:
        place.path(named)


def _huge_pages(named: str, place: Place) -> None:
    if "1G" in named or "1048576" in named:
        raise NotHadError("no huge pages of 1 GiB")
    top = named.partition("/libvirt")[0].partition("/ram-node")[0]
    mounted = place.home / "huge"
    if not os.path.ismount(mounted):
        options = f"pagesize=2M,size={LARGEST_HUGE}"
        done = subprocess.run(["mount", "-t", "hugetlbfs", "-o", options, "none", mounted])
        if done.returncode:
            raise NotHadError("no huge pages")
    (mounted / named[len(top) :].strip("/")).mkdir(parents=True, exist_ok=True)
    place.devices[top] = str(mounted)


def _certificates(place: Place, named: str) -> None:
    """An authority, a server and a client, under the names that QEMU and Spice look for."""
    directory = place.path(f"{named}/x").parent
    if (directory / "ca-cert.pem").exists():
        return
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    authority = ["-CA", "ca-cert.pem", "-CAkey", "ca-key.pem"]
    for name, usage, is_signed in (
        ("ca", "basicConstraints=critical,CA:TRUE", False),
        ("server", "basicConstraints=critical,CA:FALSE", True),
        ("client", "basicConstraints=critical,CA:FALSE", True),
    ):
        words = ["-subj", f"/CN={name}", "-keyout", f"{name}-key.pem", "-out", f"{name}-cert.pem"]
        subprocess.run(
            [*request, *words, "-addext", usage, *(authority if is_signed else [])],
            check=True,
            capture_output=True,
            cwd=directory,
        )


def _chardev(option: Option, place: Place) -> None:
    fields, kind = option.fields, option.kind
    named = str(fields.get("path", ""))
    if kind in ("parallel", "parport"):
        raise NotHadError("no parallel port")
    if kind in ("serial", "tty"):
        place.device(named, _terminal())
    elif kind == "pipe":
        if not place.path(named).exists():
            os.mkfifo(place.path(named))
    elif named and not named.startswith("/dev/fdset"):
        place.path(named)
    if not str(fields.get("logfile", "/dev/")).startswith("/dev/"):
        place.path(str(fields["logfile"]))


def _terminal() -> str:
    """A terminal whose other end stays open here."""
    _, other = os.openpty()
    return os.ttyname(other)


def _netdev(option: Option, place: Place) -> None:
    fields, kind = option.fields, option.kind
    if kind in ("vhost-vdpa", "l2tpv3", "netmap", "af-xdp"):
        raise NotHadError(f"no {kind} here")
    if kind == "bridge":
        raise NotHadError("no bridge helper")
    for script in ("script", "downscript"):
        if str(fields.get(script, "no")).startswith("/"):
            _file(place, str(fields[script]), _succeeds())
            place.path(str(fields[script])).chmod(0o755)


def _succeeds() -> bytes:
    """A program that ends well, without a library or a shell: roots of builds have neither.

    An ELF header, one program header that loads it all, and exit(0): xor edi,edi; mov al,60;
    syscall (elf(5), System V ABI AMD64).
    """
    start, code = 0x400000, b"\x31\xff\x31\xc0\xb0\x3c\x0f\x05"
    size = 64 + 56 + len(code)
    header = struct.pack(
        "<4s5B7xHHIQQQIHHHHHH",
        b"\x7fELF",
        2,
        1,
        1,
        0,
        0,
        2,
        62,
        1,
        start + 120,
        64,
        0,
        0,
        64,
        56,
        1,
        0,
        0,
        0,
    )
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, 4096) + code


def _tpm(option: Option, _place: Place) -> None:
    if option.kind == "passthrough":
        raise NotHadError("no TPM of the host")


def _shared_directory(option: Option, place: Place) -> None:
    if "path" in option.fields:
        place.path(str(option.fields["path"])).mkdir(parents=True, exist_ok=True)


def _firmware_file(option: Option, place: Place) -> None:
    if option.value.startswith("/usr/share/seabios"):
        return  # of the build itself
    if not option.value.startswith("/"):
        return
    if "OVMF" in option.value:
        shutil.copy("/usr/share/OVMF/OVMF_CODE.fd", place.path(option.value))
    else:
        _file(place, option.value, SEABIOS.read_bytes())


def _boot(option: Option, place: Place) -> None:
    splash = str(option.fields.get("splash", ""))
    if splash.startswith("/"):
        _file(place, splash, JPEG)


def _display(option: Option, place: Place) -> None:
    fields = option.fields
    if "rendernode" in fields or fields.get("gl") == "on":
        raise NotHadError("no render node")
    if "x509-dir" in fields or "tls-port" in fields:
        _certificates(place, str(fields.get("x509-dir", "")))
    for value in (fields.get("addr"), fields.get("vnc"), fields.get("")):
        named = str(value or "").removeprefix("unix:")
        if named.startswith("/"):
            place.path(named)


def _unknown_contents(option: Option, _place: Place) -> None:
    raise NotHadError(f"the contents of -{option.name} are not known")


def _pidfile(option: Option, place: Place) -> None:
    place.path(option.value)


_MAKERS: Mapping[str, Callable[[Option, Place], None]] = {
    "acpitable": _unknown_contents,
    "bios": _firmware_file,
    "boot": _boot,
    "chardev": _chardev,
    "device": _device,
    "display": _display,
    "fsdev": _shared_directory,
    "kernel": _unknown_contents,
    "netdev": _netdev,
    "object": _object,
    "pidfile": _pidfile,
    "readconfig": _unknown_contents,
    "spice": _display,
    "tpmdev": _tpm,
    "virtfs": _shared_directory,
    "vnc": _display,
}
