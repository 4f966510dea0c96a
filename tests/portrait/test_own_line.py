"""Each build says what it does not take of the user's own line: real builds are asked."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.builds.learn.ask import Answer, ask
from qcompat.builds.learn.back_ends import lacking_cpu
from qcompat.builds.registry import Registry
from qcompat.guest.given.line import guest_of
from qcompat.local.home import data_home
from qcompat.portrait.file import pack, unpack
from qcompat.portrait.own_line import Answers, of_line, with_refused
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits
from qcompat.portrait.refused_options import refused_options

Recording = Callable[[str], Portrait]

ALL = ("5.2.0", "7.2.22", "10.0.13", "11.1.3")
NEW = ("10.0.13", "11.1.3")
REFUSED: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "-netdev stream,id=n,addr.type=unix,addr.path=/x": (("5.2.0",), ()),
    "-netdev tap,id=n,no-such-member=on": (ALL, ()),
    "-netdev passt,id=n": (("5.2.0", "7.2.22", "10.0.13"), ()),
    "-object iothread,id=i,thread-pool-max=4": (("5.2.0",), ()),
    "-object memory-backend-ram,id=m,size=1M,reserve=on": (("5.2.0",), ()),
    "-audiodev coreaudio,id=a": (NEW, ("7.2.22",)),
    "-audiodev pa,id=a": ((), ("7.2.22", *NEW)),
    "-audiodev dbus,id=a": (("5.2.0",), ()),
    "-display gtk": ((), ALL),
    "-display cocoa": (("7.2.22", *NEW), ("5.2.0",)),
    "-chardev dbus,id=c,name=x": (("5.2.0",), ()),
    "-drive if=none,id=d,file=rbd:pool/image": ((), ALL),
    "-drive if=none,id=d,format=sheepdog": ((), ALL),
    "-cdrom https://host/x.iso": ((), ALL),
    "-fsdev proxy,id=f,socket=/x": (NEW, ()),
    '-blockdev {"driver":"qcow2","node-name":"d","discard-no-unref":true,'
    '"file":{"driver":"file","filename":"/x"}}': (("5.2.0", "7.2.22"), ()),
    "-vnc :0,acl": (("7.2.22", *NEW), ()),
}
"""The builds that do not have it, and those that may only lack its module."""
KNOWN = (
    "-audiodev oss,id=a",  # no sound device here
    "-audiodev spice,id=s",
    "-chardev braille,id=b",
    "-tpmdev passthrough,id=t,path=/dev/tpm0",
    "-tpmdev emulator,id=t,chardev=c",
    "-netdev tap,id=n,ifname=x,script=no,vhost=on,queues=4",
    "-netdev bridge,id=n,br=virbr0",
    "-netdev user,id=n,hostfwd=tcp::22-:22,restrict=on",
    "-netdev vhost-vdpa,id=n,vhostdev=/dev/vhost-vdpa-0",
    "-object secret,id=s,file=/etc/shadow",
    "-object rng-random,id=r,filename=/dev/urandom",
    "-object tls-creds-x509,id=t,dir=/etc/pki,endpoint=server,verify-peer=on",
    "-object throttle-group,id=g,x-iops-total=4",
    "-object filter-dump,id=f,netdev=n,file=/x",
    "-drive file=nbd://host/disk,format=raw,if=virtio",
    '-drive file=json:{"driver":"file"},if=none',
    "-drive file=fat:rw:/srv,format=raw",
    "-fsdev local,id=f,path=/srv,security_model=none",
    "-display curses",
    "-usbdevice tablet",
    "-daemonize -pidfile /run/g -vnc unix:/run/v -spice port=5900,disable-ticketing=on",
)


@pytest.mark.lab
@pytest.mark.parametrize("line", REFUSED)
def test_a_build_names_what_it_does_not_have(
    builds: Mapping[str, Build], tmp_path: Path, line: str
) -> None:
    words = tuple(line.split(" ", 1))
    without, lacking_module = REFUSED[line]
    for version in ALL:
        found = refused_options(builds[version], words, tmp_path)
        assert {each.words for each in found} <= {words}
        assert [each.is_module for each in found] == [False] * (version in without) + [True] * (
            version in lacking_module
        ), version
        assert all(each.message for each in found)


@pytest.mark.lab
@pytest.mark.parametrize("line", KNOWN)
def test_what_only_this_machine_lacks_is_not_held_against_a_build(
    builds: Mapping[str, Build], tmp_path: Path, line: str
) -> None:
    words = tuple(shlex.split(line)) if "json" not in line else tuple(line.split(" ", 1))
    for version, build in builds.items():
        assert refused_options(build, words, tmp_path) == (), version


@pytest.mark.lab
def test_an_answer_is_kept_by_the_line_and_the_build(
    builds: Mapping[str, Build], tmp_path: Path
) -> None:
    words = ("-netdev", "stream,id=n")
    refused_options(builds["5.2.0"], words, tmp_path)
    assert Answers(builds["5.2.0"], tmp_path).kept(of_line(words), object)
    assert not Answers(builds["7.2.22"], tmp_path).kept(of_line(words), object)
    assert not Answers(builds["5.2.0"], tmp_path).kept(of_line(("-netdev", "user,id=n")), object)


@pytest.mark.lab
async def test_a_portrait_of_the_users_line_has_it_and_its_file_not_the_line(
    builds: Mapping[str, Build], tmp_path: Path
) -> None:
    words = ("-machine", "pc-q35-5.2", "-netdev", "stream,id=n", "-object", "secret,id=s,data=x")
    portraits = Portraits(Registry(data_home()), tmp_path)
    for _ in range(2):  # taken, and from the cache
        portrait = await portraits.of(builds["5.2.0"], guest_of(words))
        assert [each.kind for each in portrait.refused] == ["stream"]
    assert portrait.guest.own == words
    assert unpack(pack(portrait)).guest.own == ()


def test_a_build_that_is_not_here_is_said_not_to_be_asked(recording: Recording) -> None:
    portrait = recording("empty@7.2.22")
    words = ("-machine", "q35", "-netdev", "user,id=n")
    asked = asyncio.run(with_refused(portrait, None, words, Path("/nonexistent")))
    assert [gap.part for gap in asked.gaps] == ["the line's back ends"]
    words = ("-machine", "q35", "-m", "1G")
    assert asyncio.run(with_refused(portrait, None, words, Path("/nonexistent"))) == portrait


@pytest.mark.lab
def test_a_build_reads_a_processor_that_it_knows_and_no_other(builds: Mapping[str, Build]) -> None:
    for build in builds.values():
        assert lacking_cpu(build, "Skylake-Client-v1,+avx2,-smap,enforce") == ""
        assert "no-such-feature" in lacking_cpu(build, "qemu64,no-such-feature=on")
        assert "No-Such-Model" in lacking_cpu(build, "No-Such-Model")
    assert "avx512-fp16" in lacking_cpu(builds["5.2.0"], "qemu64,avx512-fp16=on")
    assert lacking_cpu(builds["7.2.22"], "qemu64,avx512-fp16=on") == ""


@pytest.mark.lab
def test_no_file_of_the_line_is_written_while_a_build_reads_it(
    builds: Mapping[str, Build], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def listening(build: Build, arguments: Sequence[str], **more: Any) -> Answer:
        asked.append(arguments)
        return ask(build, arguments, **more)

    monkeypatch.setattr("qcompat.builds.learn.parse_line.ask", listening)
    words = ("-writeconfig", str(tmp_path / "mine"), "-smbios", f"file={tmp_path}/mine")
    for version, build in builds.items():
        gone = [each.words for each in refused_options(build, words, tmp_path)]
        assert gone == ([] if version == "5.2.0" else [words[:2]])
    assert asked
    assert not any("mine" in word for arguments in asked for word in arguments)
