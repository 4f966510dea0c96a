"""A configuration of Proxmox VE is the guest that its qemu-server starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import GuestError, QcompatError
from qcompat.guest.given.form import Given
from qcompat.guest.given.line import guest_given, guest_of
from qcompat.guest.given.proxmox.facts import board, facts, slots
from qcompat.guest.given.recognise import recognise

WEB = """# a web server
agent: 1
boot: order=scsi0;net0
cores: 2
cpu: x86-64-v2-AES
machine: pc-q35-9.2+pve1
memory: 2048
name: web1
net0: virtio=BC:24:11:12:34:56,bridge=vmbr0,firewall=1
ostype: l26
scsi0: local-lvm:vm-100-disk-0,iothread=1,size=32G
scsihw: virtio-scsi-single
smbios1: uuid=7b10d7af-b932-4c66-b2c3-3996152ec465
sockets: 1
vmgenid: c773c261-d800-4348-9f5d-167fadd53cf8
"""
SHOWN = """/usr/bin/kvm -id 100 -name web1 -no-shutdown -daemonize
-smbios type=1,uuid=7b10d7af-b932-4c66-b2c3-3996152ec465
-smp 2,sockets=1,cores=2,maxcpus=2 -nodefaults -boot menu=on,strict=on,reboot-timeout=1000
-cpu qemu64,+aes,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,+pni,+popcnt,+sse4.1,+sse4.2,+ssse3 -m 2048
-object iothread,id=iothread-virtioscsi0
-global ICH9-LPC.disable_s3=1 -global ICH9-LPC.disable_s4=1
-readconfig /usr/share/qemu-server/pve-q35-4.0.cfg
-device vmgenid,guid=c773c261-d800-4348-9f5d-167fadd53cf8
-device usb-tablet,id=tablet,bus=ehci.0,port=1 -device VGA,id=vga,bus=pcie.0,addr=0x1
-chardev socket,path=/run/100.qga,server=on,wait=off,id=qga0
-device virtio-serial,id=qga0,bus=pci.0,addr=0x8
-device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0
-device virtio-balloon-pci,id=balloon0,bus=pci.0,addr=0x3,free-page-reporting=on
-device virtio-scsi-pci,id=virtioscsi0,bus=pci.3,addr=0x1,iothread=iothread-virtioscsi0
-drive file=/dev/pve/vm-100-disk-0,if=none,id=drive-scsi0,format=raw,cache=none
-device scsi-hd,bus=virtioscsi0.0,channel=0,scsi-id=0,lun=0,drive=drive-scsi0,id=scsi0,bootindex=100
-netdev type=tap,id=net0,ifname=tap100i0,vhost=on
-device virtio-net-pci,mac=BC:24:11:12:34:56,netdev=net0,bus=pci.0,addr=0x12,id=net0,\
rx_queue_size=1024,tx_queue_size=256,bootindex=101
-machine type=pc-q35-9.2+pve1"""


def read(text: str) -> Given:
    (found,) = recognise(text.encode(), "100.conf")
    return found


def having(*lines: str) -> Given:
    """The web server with other lines."""
    keys = {line.split(":")[0] for line in lines}
    kept = [line for line in WEB.splitlines() if line.split(":")[0] not in keys]
    return read("\n".join((*kept, *lines)) + "\n")


def devices(given: Given, driver: str) -> list[str]:
    return [word for word in given.words if word.split(",")[0] == driver]


def option(given: Given, name: str) -> str:
    return given.words[given.words.index(name) + 1]


def test_a_configuration_makes_the_guest_that_showcmd_shows() -> None:
    shown = guest_of(SHOWN.replace("\\\n", "").split())
    assert guest_given(read(WEB)).arguments == shown.arguments


def test_snapshots_are_no_part_of_the_guest_and_pending_changes_are_named() -> None:
    more = "[PENDING]\nmemory: 4096\ndelete: net0\n\n[before]\nmemory: 512\nparent: a\n"
    given = read(WEB + more)
    assert given.words == read(WEB).words
    (note,) = (part for part in given.uncovered if part.subject == "[PENDING]")
    assert "memory, net0" in note.reason
    assert note.is_noted


def test_a_machine_type_without_a_version_is_named_with_the_command_that_tells_it() -> None:
    (part,) = (p for p in having("machine: q35").uncovered if p.subject == "machine: q35")
    assert part.counts
    assert "pc-q35-11.0+pve2" in part.reason
    assert "qm showcmd ID" in part.reason


def test_windows_without_a_version_stays_on_that_of_its_making() -> None:
    for meta, version in (
        ("", "5.1"),
        ("creation-qemu=8.1.5", "5.1"),
        ("creation-qemu=9.2", "9.2"),
    ):
        given = having("machine: q35", "ostype: win11", f"meta: {meta}")
        assert option(given, "-machine").endswith(f"type=pc-q35-{version}+pve0")
        assert not [part for part in given.uncovered if part.subject.startswith("machine")]


def test_a_later_version_than_is_known_is_named() -> None:
    for machine in ("pc-q35-42.9", "pc-q35-9.0+pve77"):
        given = having(f"machine: {machine}")
        assert [p for p in given.uncovered if p.subject.startswith("machine") and p.counts]


def test_an_unknown_key_is_named() -> None:
    (part,) = (p for p in having("warp-drive: on").uncovered if p.subject == "warp-drive: on")
    assert part.counts


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("", "kvm64,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,+lahf_lm,+sep"),
        ("host,hidden=1", "host,kvm=off,+kvm_pv_eoi,+kvm_pv_unhalt"),
        ("EPYC-Rome,flags=-svm", "EPYC-Rome,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,-svm,vendor=Authen"),
        ("Icelake-Client", "Icelake-Server,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,vendor=GenuineIntel"),
        ("max,phys-bits=host", "max,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,host-phys-bits=true"),
    ],
)
def test_processors(model: str, written: str) -> None:
    assert option(having(f"cpu: {model}"), "-cpu").startswith(written)


def test_a_model_of_the_cluster_is_named() -> None:
    given = having("cpu: custom-mine,flags=+aes")
    (part,) = (p for p in given.uncovered if p.subject == "cpu: custom-mine")
    assert part.counts
    assert "cpu-models.conf" in part.reason


def test_plugged_memory_comes_in_modules_that_grow() -> None:
    given = having("hotplug: memory", "numa: 1", "memory: 18432", "sockets: 2")
    modules = [word for word in given.words if "id=mem-dimm" in word]
    assert len(modules) == 33
    assert modules[32].endswith("size=1024M")
    assert option(given, "-m") == "size=1024,slots=255,maxmem=524288M"


@pytest.mark.parametrize(
    ("lines", "device", "fields"),
    [
        (["ide2: none,media=cdrom"], "ide-cd", "bus=ide.1,unit=0,drive=drive-ide2,id=ide2"),
        (["ide3: local:iso/a.iso,media=cdrom"], "ide-cd", "bus=ide.3,unit=0"),
        (["sata1: local:100/a.raw,ssd=1"], "ide-hd", "bus=ahci0.1,drive=drive-sata1,id=sata1,rot"),
        (["virtio7: local:100/a.raw"], "virtio-blk-pci", "id=virtio7,bus=pci.2,addr=0x2"),
        (["virtio0: l:100/a.raw,serial=a%2Cb"], "virtio-blk-pci", "serial=a,,b"),
        (["scsihw: lsi", "scsi9: l:a"], "lsi", "id=scsihw1,bus=pci.0,addr=0x6"),
        (["vga: qxl2", "ostype: win10"], "qxl", "id=vga1,ram_size=67108864"),
        (["vga: virtio"], "virtio-serial", "id=spice,bus=pci.0,addr=0x9"),
        (["usb0: host=1234:abcd"], "qemu-xhci", "p2=15,p3=15,id=xhci,bus=pci.1,addr=0x1b"),
        (["usb0: spice"], "usb-redir", "bus=xhci.0,port=1"),
        (["hostpci5: 01:00.0,pcie=1"], "pcie-root-port", "id=ich9-pcie-port-6,addr=10.1"),
        (["audio0: device=intel-hda,driver=none"], "hda-duplex", "cad=1,audiodev=none-backend0"),
        (["rng0: source=/dev/urandom"], "virtio-rng-pci", "max-bytes=1024,period=1000,bus=pci.1"),
        (["watchdog: model=i6300esb,action=reset"], "i6300esb", "bus=pci.0,addr=0x4"),
        (["tpmstate0: local:100/a.raw,version=v2.0"], "tpm-tis", "tpmdev=tpmdev"),
        (["serial0: socket"], "isa-serial", "chardev=serial0"),
        (["virtiofs0: share"], "vhost-user-fs-pci", "tag=share"),
        (["ivshmem: size=32"], "ivshmem-plain", "bus=pcie.0,addr=0x14"),
        (["net6: e1000=AA:BB:CC:00:00:01,bridge=b"], "e1000", "bus=pci.1,addr=0x1,id=net6"),
        (["machine: q35,viommu=virtio"], "virtio-iommu-pci", ""),
    ],
)
def test_devices(lines: list[str], device: str, fields: str) -> None:
    found = devices(having(*lines), device)
    assert found
    assert fields in found[-1]


def test_firmware_is_that_of_the_disk_of_its_variables() -> None:
    given = having("bios: ovmf", "efidisk0: local:100/a.raw,efitype=4m,pre-enrolled-keys=1")
    flash = [word for word in given.words if "if=pflash" in word]
    assert "OVMF_CODE_4M.secboot.fd" in flash[0]
    assert "size=540672" in flash[1]


def test_a_template_starts_with_its_disks_alone() -> None:
    given = having("template: 1")
    assert devices(given, "scsi-hd")
    assert not devices(given, "virtio-net-pci")


def test_arguments_of_the_user_stand_at_the_end() -> None:
    assert having('args: -device "edu,id=my edu"').words[-1] == "edu,id=my edu"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("machine: q36", "no x86 machine type"),
        ("arch: aarch64", "for x86_64 alone"),
        ("memory: much", "no number"),
        ("numa: perhaps", "no switch"),
        ("hugepages: 2", "need NUMA"),
        ("net0: rtl", "MODEL=MAC"),
        ("vga: cga", "one of"),
        ("ide0: local:iso/a.iso", "needs its medium"),
        ("machine: pc,viommu=intel", "needs q35"),
        ("sockets: 9999", "processors"),
        ("startdate: x,y", "2006-06-17"),
    ],
)
def test_an_error_says_what_to_write(line: str, said: str) -> None:
    with pytest.raises(GuestError) as caught:
        having(line)
    assert said in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.message.startswith("100.conf: ")


def test_a_key_given_twice_is_an_error_with_its_line() -> None:
    with pytest.raises(GuestError, match="line 16: cores is given twice"):
        read(f"{WEB}cores: 4\n")


@given(st.lists(st.sampled_from(sorted(facts().keys.guest | {"scsi0", "net0", "hostpci0"}))),
       st.data())  # fmt: skip
def test_any_values_make_a_guest_or_an_error(keys: list[str], data: st.DataObject) -> None:
    values = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12)
    text = "".join(f"{key}: {data.draw(values)}\n" for key in dict.fromkeys(keys))
    try:
        for found in recognise(f"cores: 1\n{text}".encode(), "a.conf"):
            guest_given(found)
    except QcompatError as error:
        assert error.message


def test_no_two_devices_have_one_place_but_those_that_exclude_each_other() -> None:
    places: dict[tuple[int, int], set[str]] = {}
    for name, place in slots().items():
        places.setdefault(place, set()).add(name)
    shared = [names for names in places.values() if len(names) > 1]
    assert shared == [{"vga", "legacy-igd"}, {"scsihw0", "pci.3"}]


def test_a_layout_of_proxmox_is_read_where_proxmox_is_not() -> None:
    name = "/usr/share/qemu-server/pve-q35-4.0.cfg"
    assert guest_of(["-readconfig", name]).arguments == guest_of(board(Path(name).name)).arguments
    assert board("other.cfg") == ()
