"""Objects, character devices, audio, file systems and firmware: what stands in, what is named."""

import pytest

from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest


def rest(*arguments: str) -> tuple[str, ...]:
    return parse(["-machine", "q35", *arguments]).arguments[2:]


def reasons(guest: Guest) -> str:
    return " ".join(entry.reason for entry in guest.uncovered)


@pytest.mark.parametrize(
    ("given", "stand_in"),
    [
        ("memory-backend-file,id=m,mem-path=/x,size=1G,prealloc=on,share=on,host-nodes=0",
         "memory-backend-file,id=m,size=1G,share=on,mem-path=/tmp"),
        ("memory-backend-file,id=m,mem-path=/dev/hugepages,size=1G",
         "memory-backend-file,id=m,size=1G,align=2M,mem-path=/tmp"),
        ("memory-backend-file,id=m,mem-path=/run/hugepages/kvm/1048576kB,size=4G,align=2M",
         "memory-backend-file,id=m,size=4G,align=1G,mem-path=/tmp"),
        ("memory-backend-memfd,id=m,size=1024M,hugetlb=on",
         "memory-backend-file,id=m,size=1G,align=2M,mem-path=/tmp"),
        ("memory-backend-memfd,id=m,size=1024M", "memory-backend-file,id=m,size=1G,mem-path=/tmp"),
        ("memory-backend-ram,id=m,size=1024M,prealloc=on", "memory-backend-ram,id=m,size=1G"),
        ("rng-random,id=r,filename=/dev/random", "rng-builtin,id=r"),
        ("iothread,id=t,poll-max-ns=1", "iothread,id=t"),
        ("cryptodev-backend-builtin,id=c,queues=2", "cryptodev-backend-builtin,id=c,queues=2"),
    ],
)  # fmt: skip
def test_an_object_of_the_host_has_a_stand_in(given: str, stand_in: str) -> None:
    assert rest("-object", given) == ("-object", stand_in)


@pytest.mark.parametrize("type_", ["secret", "tls-creds-x509", "input-linux", "filter-dump"])
def test_an_object_that_the_guest_does_not_see_is_dropped(type_: str) -> None:
    guest = parse(["-object", f"{type_},id=o,file=/x"])
    assert "-object" not in guest.arguments
    assert guest.uncovered == ()


@pytest.mark.parametrize("type_", ["sev-guest", "tdx-guest", "memory-backend-epc", "of-tomorrow"])
def test_an_object_without_a_stand_in_is_named(type_: str) -> None:
    guest = parse(["-object", f"{type_},id=o"])
    assert "-object" not in guest.arguments
    assert [entry.subject for entry in guest.uncovered] == [f"-object {type_},id=o"]


@pytest.mark.parametrize(
    ("machine", "named_by_path"),
    [("pc-q35-3.1", True), ("pc-i440fx-2.12", True), ("pc-q35-4.0", False), ("q35", False)],
)
def test_old_machine_types_name_file_memory_by_its_path(machine: str, named_by_path: bool) -> None:
    guest = parse(["-M", machine, "-object", "memory-backend-file,id=m,size=1G,mem-path=/x"])
    named = "x-use-canonical-path-for-ramblock-id=on" in guest.arguments[-1]
    assert named is named_by_path


def test_ports_are_silent_and_none_stays_none() -> None:
    assert rest("-serial", "mon:stdio", "-serial", "none", "-parallel", "file:x") == (
        *("-serial", "null", "-serial", "none", "-parallel", "null"),
    )


def test_a_character_device_of_the_monitor_is_dropped() -> None:
    assert rest("-chardev", "stdio,id=m", "-mon", "chardev=m") == ()


def test_a_character_device_of_a_port_stays_with_its_mux() -> None:
    assert rest("-chardev", "stdio,id=m,mux=on,signal=off", "-serial", "chardev:m") == (
        *("-chardev", "null,id=m,mux=on", "-serial", "chardev:m"),
    )


def test_the_agent_keeps_its_state() -> None:
    port = ("-device", "virtserialport,chardev=v")
    kept = "qemu-vdagent,id=v,name=vdagent,clipboard=on"
    assert rest("-chardev", kept, *port) == ("-chardev", kept, *port)


def test_a_voice_is_silent_and_has_a_name() -> None:
    assert rest("-device", "AC97") == (
        *("-audiodev", "none,id=silent", "-device", "AC97,audiodev=silent"),
    )


def test_a_voice_takes_the_backend_that_is_there() -> None:
    assert rest("-audiodev", '{"id":"a","driver":"pipewire"}', "-device", "AC97") == (
        *("-audiodev", "none,id=a", "-device", "AC97,audiodev=a"),
    )


def test_a_shared_directory_is_empty_and_has_its_tag() -> None:
    line = ("-virtfs", "local,path=/home,mount_tag=home,security_model=none")
    assert rest(*line) == (
        *("-fsdev", "synth,id=home", "-device", "virtio-9p-pci,fsdev=home,mount_tag=home"),
    )


def test_a_file_in_fw_cfg_keeps_its_place() -> None:
    guest = parse(["-fw_cfg", "name=opt/a,file=/x", "-fw_cfg", "opt/b,string=here"])
    assert guest.arguments[2:] == (
        *("-fw_cfg", "opt/a,string=stand-in", "-fw_cfg", "opt/b,string=here"),
    )
    assert "other contents" in reasons(guest)


def test_firmware_of_the_build_stays_and_of_the_user_goes() -> None:
    assert rest("-bios", "bios-256k.bin") == ("-bios", "bios-256k.bin")
    guest = parse(["-bios", "/home/OVMF.fd"])
    assert "-bios" not in guest.arguments
    assert "SeaBIOS" in reasons(guest)


@pytest.mark.parametrize(
    "device", ["vfio-pci,host=01:00.0", "usb-host,hostbus=1", "vhost-user-fs-pci,tag=t", "tpm-crb"]
)
def test_a_device_of_the_host_is_left_out_and_named(device: str) -> None:
    guest = parse(["-device", device])
    assert "-device" not in guest.arguments
    assert [entry.subject for entry in guest.uncovered] == [f"-device {device}"]


def test_a_rom_of_the_user_goes_and_of_the_build_stays() -> None:
    assert rest("-device", "e1000,romfile=") == ("-device", "e1000,romfile=")
    assert rest("-device", "e1000,romfile=a.rom") == ("-device", "e1000,romfile=a.rom")
    guest = parse(["-device", "e1000,romfile=/x/a.rom"])
    assert guest.arguments[-1] == "e1000"
    assert "ROM" in reasons(guest)


def test_memory_encryption_is_left_out_and_named() -> None:
    guest = parse(["-M", "q35,confidential-guest-support=s", "-object", "sev-guest,id=s"])
    assert guest.arguments == ("-machine", "q35")
    assert len(guest.uncovered) == 2


def test_an_agent_in_json_is_the_one_in_fields() -> None:
    port = "-device virtio-serial -device virtserialport,chardev=v"
    data = '{"type":"qemu-vdagent","data":{"clipboard":true,"mouse":false}}'
    in_json = parse(["-chardev", f'{{"id":"v","backend":{data}}}', *port.split()])
    in_fields = f"-chardev qemu-vdagent,id=v,clipboard=on,mouse=off {port}"
    assert in_json == parse(in_fields.split())


@pytest.mark.parametrize("type_", ["virtio-vga-gl", "virtio-gpu-gl-pci", "virtio-gpu-rutabaga-pci"])
def test_a_device_that_draws_on_the_host_is_left_out_and_named(type_: str) -> None:
    guest = parse(["-device", f"{type_},max_outputs=1"])
    assert "-device" not in guest.arguments
    assert {part.loses for part in guest.uncovered} == {"migration"}


def test_resources_in_guest_memory_are_left_out_and_named() -> None:
    guest = parse(["-device", '{"driver":"virtio-vga","blob":true,"max_outputs":1}'])
    assert "virtio-vga,max_outputs=1" in guest.arguments
    assert guest.uncovered[0].reason.startswith("blob: ")
    assert not parse(["-device", "virtio-vga,blob=off"]).uncovered


def test_a_vhost_user_device_has_a_process_that_answers() -> None:
    line = "-chardev socket,id=c,path=/run/spdk -device vhost-user-blk-pci,chardev=c"
    guest = parse(line.split())
    assert guest.arguments[2:] == (
        *("-chardev", "socket,id=c,path=/qcompat/device-of-vhost-user"),
        *("-device", "vhost-user-blk-pci,chardev=c"),
    )
    assert [part.loses for part in guest.uncovered] == ["nothing", "condition"]
    assert parse(guest.arguments).arguments == guest.arguments


def test_an_emulated_tpm_stays_and_one_of_the_host_goes() -> None:
    emulator = "-chardev socket,id=c,path=/run/tpm -tpmdev emulator,id=t,chardev=c"
    guest = parse([*emulator.split(), "-device", "tpm-crb,tpmdev=t"])
    assert guest.arguments[-1] == "tpm-crb,tpmdev=t"
    assert "socket,id=c,path=/qcompat/tpm" in guest.arguments
    host = parse(["-tpmdev", "passthrough,id=t,path=/dev/tpm0", "-device", "tpm-crb,tpmdev=t"])
    assert "-device" not in host.arguments
    assert all(part.counts for part in host.uncovered)
