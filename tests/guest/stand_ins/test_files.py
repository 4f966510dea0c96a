"""No way of naming a file reaches QEMU. What QEMU opens is traced in tests/tools."""

import json
from collections.abc import Iterator

import pytest

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.stand_ins.files import table

FILE = "/etc/shadow"
NAMES = [name for entry in table().property for name in entry.names]


def spellings(type_: str, name: str) -> Iterator[tuple[str, ...]]:
    yield ("-device", f"{type_},{name}={FILE}")
    yield ("-device", json.dumps({"driver": type_, name: FILE}))
    yield ("-device", json.dumps({"driver": type_, name: {"type": "unix", "path": FILE}}))
    yield ("-device", f"{type_},id=x", "-set", f"device.x.{name}={FILE}")
    yield ("-set", f"device.x.{name}={FILE}", "-device", f"{type_},id=x")
    yield ("-global", f"{type_}.{name}={FILE}")
    yield ("-global", f"driver={type_},property={name},value={FILE}")
    yield ("--global", f"value=x,value={FILE},property={name},driver={type_}")
    yield ("-machine", f"q35,{name}={FILE}")
    yield ("-M", json.dumps({"type": "q35", name: FILE}))
    yield ("-machine", f"q35,{name.replace('-', '_')}={FILE}")
    yield ("-machine", f"q35,boot.{name}={FILE}")


@pytest.mark.parametrize("name", [*NAMES, "of-tomorrow"])
@pytest.mark.parametrize("file", [FILE, "etc/shadow", "../etc/shadow"])
def test_no_spelling_of_a_property_brings_a_file_to_qemu(name: str, file: str) -> None:
    for words in spellings("e1000", name):
        guest = parse([word.replace(FILE, file) for word in words])
        assert file not in " ".join(guest.arguments), words


@pytest.mark.parametrize("name", [*NAMES, "of-tomorrow"])
def test_what_the_guest_would_see_is_named(name: str) -> None:
    is_seen = name not in ("pcap", "pcapfile", "dumpdtb")
    for words in (words for words in spellings("e1000", name) if "unix" not in words[1]):
        assert bool(parse(words).uncovered) is is_seen, words


OTHER_WAYS = [
    "-smbios file=%", "-smbios type=11,path=%", "-smbios type=1,file=%,serial=x",
    "-acpitable file=%", "-acpitable data=%", "-fw_cfg name=opt/x,file=%", "-fw_cfg opt/x,file=%",
    "-L %", "-option-rom %", "-option-rom file=%,bootindex=1", "-mtdblock %", "-pflash %",
    "-hda %", "-hdd %", "-cdrom %", "-fda %", "-fdb %", "-sd %", "-bios %", "-kernel %",
    "-initrd %", "-dtb %", "-shim %", "-plugin %", "-plugin file=%", "-incoming file:%",
    "-incoming exec:cat<%", "-loadvm %", "-D %", "-d trace:%", "-trace file=%", "-trace events=%",
    "-pidfile %", "-chroot %", "-runas %", "-writeconfig %", "-mem-path %",
    "-add-fd fd=3,set=1,opaque=%", "-qmp unix:%,server=on", "-monitor file:%", "-mon %",
    "-serial file:%", "-serial unix:%", "-serial pipe:%", "-parallel %", "-debugcon file:%",
    "-chardev file,id=c,path=%", "-chardev pipe,id=c,path=%", "-chardev socket,id=c,path=%",
    "-chardev udp,id=c,host=%", "-chardev parallel,id=c,path=%", "-drive file=%",
    "-drive file=%,format=raw,if=none,id=d", "-drive file.filename=%,file.driver=file",
    "-drive driver=qcow2,backing.driver=file,backing.filename=%",
    "-drive media=cdrom,file=json:%", "-blockdev driver=file,node-name=n,filename=%",
    "-blockdev driver=raw,node-name=n,file.driver=file,file.filename=%",
    "-object secret,id=s,file=%", "-object tls-creds-x509,id=t,dir=%,endpoint=client",
    "-object tls-creds-psk,id=t,dir=%", "-object filter-dump,id=f,netdev=n,file=%",
    "-object memory-backend-file,id=m,size=1M,mem-path=%", "-object rng-random,id=r,filename=%",
    "-object input-linux,id=i,evdev=%", "-object authz-list-file,id=a,filename=%",
    "-object pr-manager-helper,id=p,path=%", "-object can-host-socketcan,id=c,if=%",
    "-object cryptodev-vhost-user,id=c,chardev=%", "-object sev-guest,id=s,session-file=%",
    "-object igvm-cfg,id=g,file=%", "-object of-tomorrow,id=o,file=%",
    "-fsdev local,id=f,path=%,security_model=none",
    "-virtfs local,path=%,mount_tag=t,security_model=none",
    "-netdev user,id=n,tftp=%,smb=%,bootfile=%",
    "-netdev user,id=n,guestfwd=tcp:10.0.2.9:80-cmd:%",
    "-netdev tap,id=n,script=%,downscript=%,helper=%,vhostdev=%", "-netdev bridge,id=n,helper=%",
    "-netdev l2tpv3,id=n,src=%", "-netdev stream,id=n,addr.type=unix,addr.path=%",
    "-netdev vde,id=n,sock=%", "-netdev vhost-vdpa,id=n,vhostdev=%",
    "-netdev af-xdp,id=n,map-path=%", "-net nic -net tap,script=%", "-net user,tftp=%",
    "-nic user,tftp=%", "-nic tap,script=%,downscript=%", "-audiodev wav,id=a,path=%",
    "-audiodev oss,id=a,in.dev=%", "-audio driver=wav,path=%,model=ac97",
    "-audiodev alsa,id=a,out.dev=%", "-display dbus,addr=%", "-display egl-headless,rendernode=%",
    "-vnc unix:%", "-spice unix=on,addr=%,tls-channel=x", "-tpmdev passthrough,id=t,path=%",
    "-tpmdev emulator,id=t,chardev=%", "-boot splash=%", "-boot order=c,splash=%",
    "-semihosting-config %", "-sandbox %", "-run-with chroot=%", "-jitdump -D %",
    "-device loader,file=%", "-device guest-loader,kernel=%,addr=0",
    "-device vfio-pci,sysfsdev=%", "-device ivshmem-doorbell,chardev=%",
    "-device virtio-input-host-pci,evdev=%", "-device u2f-passthru,hidraw=%",
    "-device u2f-emulated,dir=%", "-device usb-mtp,rootdir=%", "-device usb-canokey,file=%",
    "-device ccid-card-emulated,db=%", "-device ipmi-bmc-sim,sdrfile=%,frudatafile=%",
    "-iscsi initiator-name=%", "-accel kvm,device=%", "-machine q35,accel=kvm,dumpdtb=%",
    "-compat %", "-perfmap -D %",
]  # fmt: skip


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_no_option_brings_a_file_to_qemu(way: str) -> None:
    try:
        guest = parse(way.replace("%", FILE).split(" "))
    except GuestError:
        return
    assert FILE not in " ".join(guest.arguments)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("-device", "virtio-9p-pci,fsdev=f,mount_tag=/home"),
        ("-device", "scsi-hd,drive=d,serial=S/N 5,product=a/b,vendor=c/d,ver=1/2"),
        ("-device", "virtserialport,name=org/x"),
        ("-device", "virtio-blk-pci,bus=/machine/peripheral/port/pcie.0"),
        ("-device", "e1000,romfile=efi-e1000.rom"),
        ("-device", "e1000,romfile="),
        ("-global", "nvme.serial=a/b"),
    ],
)
def test_text_with_a_slash_stays(option: str, value: str) -> None:
    guest = parse([option, value])
    assert guest.arguments[-1] == value
    assert guest.missing == ()
