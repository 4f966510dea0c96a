"""Fuzz targets beside streams: every other reader of what someone else wrote.

A target reads its input as the commands do, and returns or raises an error of `qcompat.errors`;
anything else is a bug. Half of its inputs are valid envelopes with odd contents (`oddities`).
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.compare.hosts.differences import HostPair
from qcompat.errors import QcompatError
from qcompat.guest.arguments import parse
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import recognise as recognise_guest
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.compare import compare_hosts
from qcompat.hosts.read.recognise import recognise as recognise_host
from qcompat.machine.scenario.read import read as read_scenario
from qcompat.machine.scenario.work_out import work_out
from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.file import pack, sealed, unpack
from qcompat.portrait.portrait import Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.report.check.answers import CheckAnswer
from qcompat.report.forms import write
from qcompat.report.matrix.document import read as read_matrix
from qcompat.report.output import Output
from qcompat.trial import archive
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.repeat import TrialRun
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial
from qcompat.verdict.judge import judge
from tools.fuzz.damage import damaged
from tools.fuzz.envelopes import keys, keys_again, tree, tree_again, xml, xml_again
from tools.fuzz.oddities import odd

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
_PORTRAITS = 12

ENTRY = b"""{"format": 2, "build": {"name": "odd", "kind": "native", "binary": "/usr/bin/qemu",
"identity": {"version": "10.0.2", "package": "Debian 1:10.0.2", "sha256": "ab"}, "root": "",
"firmware_dirs": ["/usr/share/qemu"], "module_dir": ""}}"""
REPLIES = b"""{"return": {"qemu": {"major": 8, "minor": 2, "micro": 1}, "package": "v8.2.1"}}
{"return": {"model": {"name": "max", "props": {"avx2": true, "vendor": "GenuineIntel",
"family": 6, "model-id": "QEMU", "tsc-frequency": 0}}}}
{"return": [{"typename": "qemu64-x86_64-cpu", "name": "qemu64", "unavailable-features": ["svm"],
"alias-of": "qemu64-v1", "migration-safe": true, "static": false}]}
{"return": [{"cpu-max": 288, "name": "pc-q35-8.2", "alias": "q35"}]}"""
DOMAIN_CAPABILITIES = b"""<domainCapabilities><path>/usr/bin/qemu</path><domain>kvm</domain>
<machine>pc-q35-8.2</machine><arch>x86_64</arch><cpu><mode name='host-passthrough' supported='yes'/>
<mode name='host-model' supported='yes'><model fallback='forbid'>Skylake-Client-IBRS</model>
<vendor>Intel</vendor><feature policy='require' name='ss'/><feature policy='disable' name='rtm'/>
</mode><mode name='custom' supported='yes'><model usable='yes' vendor='Intel'>Nehalem</model>
</mode></cpu></domainCapabilities>"""


class Target(msgspec.Struct, frozen=True):
    """A reader and its samples; `decode` and `encode` open and close their envelope, where they
    have one, and `part` is what is made odd of its content.
    """

    samples: Callable[[], tuple[bytes, ...]]
    read: Callable[[bytes], object]
    decode: Callable[[bytes], Any] | None = None
    encode: Callable[[Any], bytes] = msgspec.json.encode
    part: Callable[[Any], Any] = lambda tree: tree


@cache
def _portraits() -> tuple[Portrait, ...]:
    bundle = read_bundle(DATA / "portraits" / "recordings.qcb")
    return tuple(bundle.get(key) for key in sorted(bundle.keys)[:_PORTRAITS])


@cache
def _host() -> HostCapture:
    return recognise_host((DATA / "hosts" / "uso.json").read_bytes(), "host")


def _files(pattern: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(path.read_bytes() for path in sorted(ROOT.glob(pattern)))


def _judged(data: bytes) -> None:
    odd = unpack(data)
    for ends in ((odd, _portraits()[0]), (_portraits()[1], odd)):
        answer = CheckAnswer(judge(*ends))
        write("check", "text", answer, Output(io.StringIO(), verbose=True))
        write("check", "json", answer, Output(io.StringIO(), verbose=True))


def _outer(data: bytes) -> Any:
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(data[42:]))


def _command_lines() -> tuple[bytes, ...]:
    lines = [json.loads(path.read_bytes()) for path in sorted(DATA.glob("command_lines/*.json"))]
    return tuple("\0".join(words).encode() for words in lines)


def _parsed(data: bytes) -> None:
    guest = parse(data.decode(errors="surrogateescape").split("\0"))
    if parse(guest.arguments).arguments != guest.arguments:
        raise AssertionError(f"read again, the guest is another: {guest.arguments}")


def _given(data: bytes) -> None:
    for each in recognise_guest(data, "odd"):
        guest_given(each)


def _compared(data: bytes) -> None:
    host = recognise_host(data, "odd")
    found = compare_hosts(host, host, accelerator=None)
    write("host compare", "text", found, Output(io.StringIO(), verbose=True))
    source, target = _portraits()[:2]
    judge(source, target, HostPair(host, _host()))


def _archive() -> tuple[bytes, ...]:
    ends = _portraits()[:2]
    stops = tuple(
        Stop(Build(each.build, each.identity, "native", "/x"), each.guest) for each in ends
    )
    hop = Hop(ends[0].build, ends[1].build, outcome=Outcome("refused", "VQ 0"), predicted="ok")
    names = tuple(each.build for each in ends)
    trial = Trial(ends[0].guest, "canary", "precopy", names, (hop,), {"refused": 3})
    run = TrialRun(trial, (io.BytesIO(b"a stream"),))
    return (archive.pack_run(run, stops, ends, accel="kvm")[1],)


def _members(data: bytes) -> dict[str, bytes]:
    raw = zstandard.ZstdDecompressor().stream_reader(data).read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        parts = {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]
    return parts | {"trial.json": msgspec.json.decode(parts["trial.json"])}


def _tarred(parts: Any) -> bytes:
    """The archive again; only its manifest is made odd, since portraits are their own target."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, part in parts.items():
            content = msgspec.json.encode(part) if name == "trial.json" else part
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return zstandard.compress(packed.getvalue())


def _worked_out(data: bytes) -> None:
    found = work_out(read_scenario(data.decode("latin-1")))
    write("machine matrix", "text", found, Output(io.StringIO(), verbose=True))


def _in_file(read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def read_bytes(data: bytes) -> object:
        with tempfile.NamedTemporaryFile(prefix="qcompat-fuzz-") as file:
            file.write(data)
            file.flush()
            return read(Path(file.name))

    return read_bytes


def _registered(data: bytes) -> object:
    with tempfile.TemporaryDirectory(prefix="qcompat-fuzz-") as home:
        place = Path(home) / "builds" / "odd.json"
        place.parent.mkdir()
        place.write_bytes(data)
        return Registry(Path(home)).list()


TARGETS = {
    "arguments": Target(
        _command_lines, _parsed, lambda data: data.decode().split("\0"),
        lambda words: "\0".join(map(str, words)).encode(errors="surrogateescape"),
    ),
    "guest": Target(_command_lines, _given),
    "domain": Target(_files("tests/data/domains/*.xml"), _given, xml, xml_again),
    "proxmox": Target(_files("tests/data/proxmox/*.conf"), _given, keys, keys_again),
    "incus": Target(_files("tests/data/incus/*.yaml"), _given, tree, tree_again),
    "kubevirt": Target(_files("tests/data/kubevirt/*.yaml"), _given, tree, tree_again),
    "host": Target(_files("tests/data/hosts/*.json"), _compared, msgspec.json.decode),
    "replies": Target(lambda: (REPLIES,), _compared),
    "domcapabilities": Target(lambda: (DOMAIN_CAPABILITIES,), _compared),
    "portrait": Target(
        lambda: tuple(map(pack, _portraits())), _judged, _outer,
        lambda tree: sealed(msgspec.msgpack.encode(tree)),
    ),
    "registry": Target(lambda: (ENTRY,), _registered, msgspec.json.decode),
    "matrix": Target(
        _files("tests/data/matrix/*.json"), _in_file(read_matrix), msgspec.json.decode
    ),
    "scenario": Target(_files("docs/explanation/scenarios/*.toml"), _worked_out),
    "archive": Target(
        _archive, _in_file(read_archive), _members, _tarred, lambda parts: parts["trial.json"]
    ),
}  # fmt: skip


def made(name: str, seed: int) -> bytes:
    """One input of a target: damaged bytes, or odd contents where there is an envelope."""
    target = TARGETS[name]
    samples = _samples(name)
    sample = samples[seed // 2 % len(samples)]
    if target.decode is None or seed % 2:
        return damaged(sample, seed)
    tree = target.decode(sample)
    odd(target.part(tree), seed)
    return target.encode(tree)


def exercise(name: str, data: bytes) -> str:
    """Read one input; `read`, or the message of the error that it ended with."""
    try:
        TARGETS[name].read(data)
    except QcompatError as error:
        return error.message
    return "read"


@cache
def _samples(name: str) -> tuple[bytes, ...]:
    return TARGETS[name].samples()
