"""Domain XML: what libvirt adds to a new definition, what a running guest's XML says, and errors.

That the whole is what libvirt makes of it is held by its own pairs (`test_libvirt_pairs`).
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from qcompat.errors import FileFormatError, GuestError
from qcompat.guest.given.domain.convert import words_of
from qcompat.guest.given.domain.document import domain_in
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import recognise
from qcompat.guest.guest import Guest

Q35 = "<os><type arch='x86_64' machine='pc-q35-10.0'>hvm</type></os>"
NEW = f"""<domain type='kvm'><name>web1</name><memory unit='GiB'>4</memory><vcpu>2</vcpu>{Q35}
<features><acpi/></features><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/web1.qcow2'/>
<target dev='vda' bus='virtio'/></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
<interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='br0'/>
<model type='virtio'/></interface>
<serial type='pty'/><graphics type='vnc'/><channel type='unix'><target type='virtio'
name='org.qemu.guest_agent.0'/></channel><rng model='virtio'><backend
model='random'>/dev/urandom</backend></rng></devices></domain>"""


def _guest(xml: str) -> Guest:
    (given,) = recognise(xml.encode(), "web1.xml")
    return guest_given(given)


def _options(guest: Guest, name: str) -> list[str]:
    return [value for option, value in pairwise(guest.arguments) if option == f"-{name}"]


def _around(devices: str, more: str = "", attributes: str = "") -> str:
    return (
        f"<domain type='kvm' {attributes}><memory unit='GiB'>1</memory>{Q35}{more}"
        f"<devices>{devices}</devices></domain>"
    )


def _arm(devices: str, more: str = "", type_: str = "qemu") -> str:
    os = "<os><type arch='aarch64' machine='virt'>hvm</type></os>"
    return (
        f"<domain type='{type_}'><memory unit='GiB'>1</memory>{os}{more}"
        f"<devices>{devices}</devices></domain>"
    )


def test_the_board_virt_of_arm_gets_its_own_defaults() -> None:
    guest = _guest(
        _arm(
            "<interface type='user'><mac address='52:54:00:12:34:56'/></interface><panic/>"
            "<controller type='usb'/><video/><serial type='pty'/>"
            "<tpm><backend type='emulator'/></tpm>"
        )
    )
    assert [each.split(",")[0] for each in _options(guest, "device")] == [
        *["pcie-root-port"] * 4,
        *("qemu-xhci", "virtio-net-pci", "tpm-tis-device", "virtio-gpu-pci", "pvpanic-pci"),
    ]
    (machine,), (cpu,) = _options(guest, "machine"), _options(guest, "cpu")
    assert machine == "virt,usb=off,gic-version=2,memory-backend=mach-virt.ram,acpi=off"
    assert cpu == "cortex-a15"
    assert _options(guest, "serial") == ["chardev:charserial0"]


def test_devices_of_arm_join_the_one_that_is_not_on_pci() -> None:
    mmio = "<address type='virtio-mmio'/>"
    guest = _guest(
        _arm(
            f"<rng model='virtio'><backend model='random'/>{mmio}</rng><memballoon model='virtio'/>"
            "<channel type='unix'><target type='virtio' name='a'/></channel>"
            "<disk type='file'><source file='/srv/a.raw'/><target dev='vda' bus='virtio'/></disk>"
            "<filesystem><source dir='/srv'/><target dir='a'/></filesystem>"
        )
    )
    assert {each.split(",")[0] for each in _options(guest, "device")} == {
        *("virtio-rng-device", "virtio-balloon-device", "virtio-serial-device"),
        *("virtio-blk-device", "virtio-9p-device", "virtserialport"),
    }


def test_what_arm_has_besides() -> None:
    features = "<features><gic version='host'/><ras state='on'/></features>"
    cpu = (
        "<cpu mode='host-passthrough'><feature policy='require' name='sve256'/></cpu>"
        "<clock offset='utc'><timer name='armvtimer' tickpolicy='discard'/></clock>"
    )
    guest = _guest(_arm("<iommu model='smmuv3'/>", features + cpu, "kvm"))
    assert _options(guest, "cpu") == ["host,sve256=on,sve=on,kvm-no-adjvtime=on"]
    (machine,) = _options(guest, "machine")
    assert machine.startswith("virt,usb=off,gic-version=host,ras=on,iommu=smmuv3,")


def test_the_interrupt_controller_of_a_host_is_named() -> None:
    guest = _guest(_arm("", type_="kvm"))
    assert "gic-version=3" in _options(guest, "machine")[0]
    assert [each.subject for each in guest.uncovered if each.loses == "state"] == ["<gic>"]


def test_a_new_definition_gets_what_libvirt_adds() -> None:
    devices = _options(_guest(NEW), "device")
    assert [each.split(",")[0] for each in devices] == [
        *["pcie-root-port"] * 7,
        *("qemu-xhci", "virtio-serial-pci", "virtio-blk-pci", "ide-cd", "virtio-net-pci"),
        *("isa-serial", "virtserialport", "cirrus-vga", "virtio-balloon-pci", "virtio-rng-pci"),
    ]
    assert (
        "pcie-root-port,port=16,chassis=1,id=pci.1,bus=pcie.0,multifunction=on,addr=0x2" in devices
    )
    assert "ide-cd,bus=ide.0,id=sata0-0-0" in devices
    assert (
        "virtio-blk-pci,bus=pci.4,addr=0x0,drive=libvirt-2-format,id=virtio-disk0,bootindex=1"
        in (devices)
    )


def test_a_running_guest_keeps_its_addresses_and_aliases() -> None:
    live = _around(
        "<controller type='usb' index='0' model='none'/><memballoon model='none'/>"
        "<controller type='pci' index='0' model='pcie-root'><alias name='pcie.0'/></controller>"
        "<rng model='virtio'><backend model='random'/><alias name='rng7'/>"
        "<address type='pci' domain='0x0000' bus='0x00' slot='0x09' function='0x0'/></rng>",
        attributes="id='3'",
    )
    (device,) = _options(_guest(live), "device")
    assert device == "virtio-rng-pci,rng=objrng7,id=rng7,bus=pcie.0,addr=0x9"


@pytest.mark.parametrize(
    "around",
    [
        "<domstatus state='running' pid='7'><vcpus/>{}</domstatus>",
        "<domainsnapshot><name>before</name>{}</domainsnapshot>",
        "<?xml version='1.0'?>\n<!-- saved -->\n{}",
    ],
)
def test_every_document_around_a_domain_gives_the_same_guest(around: str) -> None:
    assert _guest(around.format(NEW)).arguments == _guest(NEW).arguments


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<domain type='kvm'>", "not well-formed"),
        ("<network><name>x</name></network>", "describes no domain: its root is 'network'"),
        ("<domainsnapshot/>", "holds no <domain>"),
        ("<!DOCTYPE d [<!ENTITY a 'b'>]><domain type='kvm'>&a;</domain>", "DTD or entities"),
        ("<!DOCTYPE d SYSTEM 'file:///etc/passwd'><domain type='kvm'/>", "DTD or entities"),
    ],
)
def test_what_is_no_domain_is_no_guest(xml: str, said: str) -> None:
    with pytest.raises(FileFormatError, match=said) as caught:
        recognise(xml.encode(), "web1.xml")
    assert "virsh dumpxml" in caught.value.hint


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<domain type='xen'/>", "a domain of 'xen', and not of QEMU"),
        (_around("").replace("x86_64", "ppc64le"), "a guest of 'ppc64le', an architecture"),
        (_around("").replace("x86_64", "riscv64"), "a guest of 'riscv64', an architecture"),
        (_arm("").replace("'virt'", "'vexpress-a9'"), "the board 'vexpress-a9'"),
        (f"<domain type='kvm'>{Q35}</domain>", "has no <memory>"),
        (NEW.replace("<vcpu>2", "<vcpu>two"), "'two', which is no number"),
        (NEW.replace("unit='GiB'", "unit='floppies'"), "'floppies' of <memory> is no unit"),
        (_around("<controller type='pci' index='1' model='bridge'/>"), "'bridge' is no model"),
        (
            _around("<rng model='virtio'><address type='pci' bus='0' slot='0x2f'/></rng>"),
            "0x2f is no slot",
        ),
        (
            _around("<rng model='virtio'><address type='pci' bus='7' slot='1'/></rng>" * 2),
            "is on a bus that does not|is given twice",
        ),
    ],
)
def test_a_domain_that_cannot_be_read_is_one_error_with_a_hint(xml: str, said: str) -> None:
    with pytest.raises(GuestError, match=said) as caught:
        _guest(xml)
    assert caught.value.message.startswith("web1.xml: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("xml", "subject", "loses"),
    [
        (_around("", "<cpu mode='host-model'/>"), "<cpu mode='host-model'>", "state"),
        (_around("<teapot/>"), "<teapot>", "state"),
        (_around("", "<os><smbios mode='host'/></os>"), "<smbios mode='host'>", "view"),
        (_around("", "<genid/>"), "<genid/>", "view"),
        (
            _around("", "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' "
                    "enabled='yes' hotpluggable='yes'/></vcpus><vcpu>2</vcpu>"),
            "<vcpus>",
            "state",
        ),
    ],
)  # fmt: skip
def test_what_the_xml_does_not_say_is_named(xml: str, subject: str, loses: str) -> None:
    xml = xml.replace(f"{Q35}<os>", Q35.replace("</os>", "")) if "<smbios" in xml else xml
    named = {part.subject: part.loses for part in _guest(xml).uncovered}
    assert named[subject] == loses


def test_a_user_s_own_options_and_overrides_are_in_the_guest() -> None:
    xml = _around(
        "<memballoon model='virtio'><alias name='ua-b'/></memballoon>",
        "<q:commandline><q:arg value='-global'/><q:arg value='isa-debugcon.iobase=0x402'/>"
        "</q:commandline><q:override><q:device alias='ua-b'><q:frontend>"
        "<q:property name='page-poison' type='bool' value='false'/></q:frontend></q:device>"
        "</q:override><q:capabilities><q:del capability='virtio-blk'/></q:capabilities>",
        "xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'",
    )
    guest = _guest(xml)
    assert _options(guest, "global") == ["isa-debugcon.iobase=0x402", "ICH9-LPC.noreboot=off"][::-1]
    assert any("id=ua-b" in each and "page-poison=off" in each for each in guest.arguments)
    assert any("<qemu:del" in part.subject for part in guest.uncovered)


def test_firmware_is_found_by_its_descriptor_alone(tmp_path: Path) -> None:
    descriptor = {
        "interface-types": ["uefi"],
        "mapping": {
            "device": "flash",
            "executable": {"filename": "/nonexistent/CODE.fd", "format": "raw"},
            "nvram-template": {"filename": "/nonexistent/VARS.fd", "format": "raw"},
        },
        "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}],
        "features": ["requires-smm", "secure-boot"],
    }
    (tmp_path / "10-broken.json").write_text("{")
    (tmp_path / "20-hidden.json").write_text("")
    (tmp_path / "30-secure.json").write_text(json.dumps(descriptor))
    xml = _around("").replace("<os>", "<os firmware='efi'>")
    words, uncovered = words_of(domain_in(xml.encode()), (tmp_path,))
    assert "driver=cfi.pflash01,property=secure,value=on" in words
    assert any("smm=on" in word and "pflash1=libvirt-pflash1-storage" in word for word in words)
    assert not any("firmware" in part.subject for part in uncovered)
    _, uncovered = words_of(domain_in(xml.encode()), (tmp_path / "nowhere",))
    assert [part.subject for part in uncovered if "firmware" in part.subject] == [
        "<os firmware='efi'>"
    ]


def test_no_file_that_the_xml_names_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file is opened")

    element = domain_in(NEW.encode())
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.open", refuse)
    assert words_of(element, ())[0][0] == "qemu-system-x86_64"


def test_a_card_of_the_host_has_its_address_once() -> None:
    card = (
        "<interface type='hostdev'><mac address='52:54:00:00:00:01'/><source><address type='pci' "
        "domain='0' bus='7' slot='0x10' function='1'/></source>"
        "<address type='pci' domain='0' bus='0' slot='9' function='0'/></interface>"
    )
    named = [part.device for part in _guest(_around(card)).uncovered if part.device]
    assert named == ["vfio-pci"]
