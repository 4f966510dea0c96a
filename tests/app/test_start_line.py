"""A line as it is printed is read by the build that it is for: the builds themselves say so."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import pytest

from qcompat.app.start_line import StartLine, start_line
from qcompat.builds.build import Build
from qcompat.builds.learn.parse_line import complaint
from qcompat.builds.registry import Registry
from qcompat.local.home import data_home
from qcompat.remedy.options import Options

pytestmark = pytest.mark.lab

GONE = {
    "-no-acpi": "-machine acpi=off",
    "-no-hpet": "-machine hpet=off",
    "-chroot /srv/a,b": "-run-with chroot=/srv/a,,b",
    "-runas qemu": "-run-with user=qemu",
    "-realtime mlock=on": "-overcommit mem-lock=on",
    "-singlestep": "-accel tcg,one-insn-per-tb=on",
    "-singlestep -accel tcg,thread=multi": "-accel tcg,thread=multi,one-insn-per-tb=on",
    "-tb-size 64": "-accel tcg,tb-size=64",
    "-watchdog i6300esb": "-device i6300esb",
    "-audiodev pa,id=a -soundhw ac97": "-audiodev pa,id=a -device AC97,audiodev=a",
    "-audiodev pa,id=a -device sb16": "-audiodev pa,id=a -device sb16,audiodev=a",
    "-nodefaults -soundhw hda": "-nodefaults -device intel-hda -device hda-duplex,audiodev=audio0"
    " -audiodev none,id=audio0",
    "-curses": "-display curses",
    "-chardev socket,id=c,path=/x,reconnect=5": "-chardev socket,id=c,path=/x,reconnect-ms=5000",
    "-netdev stream,id=n,addr.type=unix,addr.path=/x,reconnect=2": (
        "-netdev stream,id=n,addr.type=unix,addr.path=/x,reconnect-ms=2000"
    ),
    "-usbdevice tablet": "-usbdevice tablet",
    "-usbdevice ccid": "-usb -device usb-ccid",
    "-sdl -no-quit -alt-grab": "-display sdl,window-close=off,grab-mod=lshift-lctrl-lalt",
    "-show-cursor": "-display default,show-cursor=on",
    "-display sdl,window_close=off": "-display sdl,window-close=off",
    "-enable-fips": "",
    "-portrait -rotate 90": "",
    "-spice port=5900,password=x": "-object secret,id=spice-password,data=x"
    " -spice port=5900,password-secret=spice-password",
    "-object secret,id=s,data=x,loaded=on": "-object secret,id=s,data=x",
    "-chardev tty,id=s,path=/dev/ttyS0": "-chardev serial,id=s,path=/dev/ttyS0",
}
BACK = {
    "-run-with chroot=/srv,user=qemu,async-teardown=on": "-chroot /srv -runas qemu",
    "-action shutdown=pause,reboot=shutdown": "-no-shutdown -no-reboot",
    "-action watchdog=pause": "-watchdog-action pause",
    "-audio pa,model=ac97": "-audiodev pa,id=audio0 -device AC97,audiodev=audio0",
    "-display sdl,window-close=off": "-display sdl,window_close=off",
    """-device '{"driver":"virtio-blk-pci","drive":"d,e","bootindex":1,"packed":true}'""": (
        "-device virtio-blk-pci,drive=d,,e,bootindex=1,packed=on"
    ),
    """-netdev '{"type":"tap","fds":"1:2","vhost":true,"id":"n"}'""": (
        "-netdev tap,fds=1:2,vhost=on,id=n"
    ),
    """-object '{"qom-type":"memory-backend-ram","id":"m","size":33554432}'""": (
        "-object memory-backend-ram,id=m,size=33554432"
    ),
    "-chardev socket,id=c,path=/x,reconnect-ms=5000": "-chardev socket,id=c,path=/x,reconnect=5",
    "-compat deprecated-input=reject": "",
    "-object monitor-qmp,id=m,chardev=c": "-mon chardev=c,mode=control",
}
REFUSED = {
    "-vnc :0,acl": ("debian-11.1.3", "authz"),
    "-fsdev proxy,id=f,socket=/x": ("debian-11.1.3", "virtiofs"),
    "-netdev passt,id=n": ("debian-10.0.13", ""),
    "-chardev socket,id=c,path=/x,reconnect-ms=1500": ("debian-7.2.22", "reconnect="),
    "-audiodev pipewire,id=a": ("debian-7.2.22", "-audiodev help"),
    "-chardev hub,id=h": ("debian-7.2.22", ""),
    "-vnc :0,colour=blue": ("debian-11.1.3", ""),
    "-accel hax": ("debian-5.2.0", "accelerator"),
}
KEPT = (
    "-daemonize -pidfile /run/g.pid -D /var/log/g -name g,debug-threads=on -runas nobody"
    " -chardev socket,id=c,path=/run/c,server=on,wait=off -mon chardev=c,mode=control"
    " -readconfig /etc/g -smbios file=/etc/s -sandbox on -vnc unix:/run/v,password=on"
)


async def _on(build: str, line: str) -> StartLine:
    return await start_line(Registry(data_home()), build, shlex.split(line))


@pytest.mark.parametrize("given", GONE)
async def test_an_option_that_went_away_is_written_as_the_target_has_it(
    builds: Mapping[str, Build], given: str
) -> None:
    found = await _on("debian-11.1.3", f"qemu -machine pc {given}")
    assert shlex.join(found.words) == f"qemu -machine pc {GONE[given]}".rstrip()
    assert not found.unusable
    assert complaint(builds["11.1.3"], [e.words for e in Options(found.words[1:]).all()]) is None


@pytest.mark.parametrize("given", BACK)
async def test_an_option_that_came_later_is_written_as_before(given: str) -> None:
    found = await _on("debian-5.2.0", given)
    assert shlex.join(found.words) == BACK[given]
    assert not found.unusable


@pytest.mark.parametrize("given", REFUSED)
async def test_what_nothing_replaces_is_named_and_leaves_no_line(given: str) -> None:
    build, advice = REFUSED[given]
    (unusable,) = (await _on(build, f"-machine pc {given}")).unusable
    assert shlex.join(unusable.given) == given
    assert unusable.message
    assert advice in unusable.advice


async def test_what_only_the_host_can_check_is_left_alone() -> None:
    for build in ("debian-5.2.0", "debian-7.2.22"):
        found = await _on(build, KEPT)
        assert (shlex.join(found.words), found.changes, found.unusable) == (KEPT, (), ())


async def test_a_build_that_is_not_here_is_not_asked() -> None:
    found = await _on("debian-99", "-no-acpi")
    assert found.words == ("-no-acpi",)
    assert "not on this machine" in found.untried


async def test_the_accelerator_of_the_line_wins_over_what_only_tcg_has() -> None:
    found = await _on("debian-11.1.3", "-enable-kvm -singlestep")
    assert shlex.join(found.words) == "-enable-kvm"
    assert "only TCG" in found.changes[0].note
