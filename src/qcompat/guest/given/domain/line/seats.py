"""What somebody in front of the guest has: display, sound, mouse and keyboard."""

from __future__ import annotations

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import Value, Words, device, option, placed, positive
from qcompat.guest.given.domain.values import count, part, switch, word
from qcompat.guest.guest import Uncovered

_VGA = {
    "vga": "VGA",
    "cirrus": "cirrus-vga",
    "vmvga": "vmware-svga",
    "qxl": "qxl-vga",
    "bochs": "bochs-display",
    "ramfb": "ramfb",
}
_MEMORY = {"vga": 16384, "cirrus": 16384, "vmvga": 16384, "bochs": 16384, "qxl": 65536}
_QXL_VGA_MEMORY = 16384
_SOUND = {
    "es1370": "ES1370",
    "ac97": "AC97",
    "ich6": "intel-hda",
    "ich9": "ich9-intel-hda",
    "usb": "usb-audio",
    "sb16": "sb16",
}
_CODECS = {"duplex": "hda-duplex", "micro": "hda-micro", "output": "hda-output"}
_DRIVERS = {"pulseaudio": "pa", "file": "wav"}
_USB_INPUTS = {"mouse": "usb-mouse", "tablet": "usb-tablet", "keyboard": "usb-kbd"}
_VIRTIO_INPUTS = {
    "mouse": "virtio-mouse",
    "tablet": "virtio-tablet",
    "keyboard": "virtio-keyboard",
    "passthrough": "virtio-input-host",
}
_UNKNOWN = "QEMU has no such device"


def videos(domain: Domain) -> Words:
    for place, each in enumerate(domain.all("video")):
        if each.model == "none":
            continue
        is_served = part(each.element, "driver").get("name") == "vhostuser"
        if is_served:
            yield from ("-chardev", f"socket,id=chr-vu-{each.alias},path=/run/{each.alias}.sock")
        is_vga = not place and not domain.is_virt
        fields = _video(each, is_primary=is_vga, is_served=is_served)
        yield from device(domain, {**fields, **placed(domain, each)})


def _video(each: Device, *, is_primary: bool, is_served: bool) -> dict[str, Value]:
    model = part(each.element, "model")
    size = part(model, "resolution")
    is_virtio = each.model == "virtio"
    three_d = switch(part(model, "acceleration"), "accel3d") if is_virtio else None
    has_outputs = each.model in {"qxl", "virtio"}
    heads = count(model, "heads")
    return {
        **_first(each, is_primary=is_primary, is_served=is_served, is_3d=three_d is True),
        "id": each.alias,
        "max_outputs": positive(1 if heads is None else heads) if has_outputs else None,
        **_video_memory(each, is_served=is_served),
        "xres": positive(count(size, "x")),
        "yres": positive(count(size, "y")),
    }


def _first(each: Device, *, is_primary: bool, is_served: bool, is_3d: bool) -> dict[str, Value]:
    if is_served:
        name = "vhost-user-vga" if is_primary else "vhost-user-gpu"
        return {"driver": name} if is_primary else virtio(each, name)
    if each.model == "virtio":
        name = f"virtio-{'vga' if is_primary else 'gpu'}{'-gl' if is_3d else ''}"
        return virtio(each, name, on_bus=not is_primary)
    if not is_primary and each.model == "qxl":
        return {"driver": "qxl"}
    return {"driver": _VGA.get(each.model, each.model)}


def _video_memory(each: Device, *, is_served: bool) -> dict[str, Value]:
    model = part(each.element, "model")
    usual = _MEMORY.get(each.model, 0)
    vram = _power(count(model, "vram") or usual)
    if each.model == "qxl":
        return {
            "ram_size": _power(count(model, "ram") or usual) * 1024,
            "vram_size": vram * 1024,
            "vram64_size_mb": (count(model, "vram64") or 0) // 1024,
            "vgamem_mb": (count(model, "vgamem") or _QXL_VGA_MEMORY) // 1024,
        }
    if is_served:
        return {"chardev": f"chr-vu-{each.alias}"}
    if each.model in {"vga", "vmvga"}:
        return {"vgamem_mb": positive(vram // 1024)}
    if each.model == "bochs":
        return {"vgamem": positive(vram * 1024)}
    return {"blob": switch(model, "blob")} if each.model == "virtio" else {}


def _power(size: int) -> int:
    """The next power of two, as libvirt rounds."""
    return 1 << (size - 1).bit_length() if size > 0 else 0


def audio(domain: Domain) -> Words:
    """The back ends of sound."""
    for place, each in enumerate(domain.all("audio"), 1):
        type_ = each.element.get("type", "none")
        id_ = f"audio{count(each.element, 'id') or place}"
        yield from option("audiodev", {"id": id_, "driver": _DRIVERS.get(type_, type_)})


def sounds(domain: Domain) -> Words:
    for each in domain.all("sound"):
        if each.model == "pcspk":
            continue
        backend = f"audio{count(part(each.element, 'audio'), 'id') or _first_audio(domain)}"
        has_codecs = each.model in {"ich6", "ich9"}
        if each.model == "virtio":
            fields = virtio(each, "virtio-sound")
        elif each.model in _SOUND:
            fields = {"driver": _SOUND[each.model]}
        else:
            domain.leave_out(Uncovered(f"<sound model='{each.model}'>", _UNKNOWN))
            continue
        streams = count(each.element, "streams") or 2
        yield from device(
            domain,
            {
                **fields,
                "id": each.alias,
                "audiodev": None if has_codecs else backend,
                "multi": switch(each.element, "multichannel") if each.model == "usb" else None,
                "streams": streams if each.model == "virtio" else None,
                **placed(domain, each),
            },
        )
        if has_codecs:
            yield from _codecs(domain, each, backend)


def _first_audio(domain: Domain) -> int:
    audios = domain.all("audio")
    return (count(audios[0].element, "id") or 1) if audios else 1


def _codecs(domain: Domain, each: Device, backend: str) -> Words:
    listed = [codec.get("type", "") for codec in each.element.iterfind("codec")] or ["duplex"]
    for number, type_ in enumerate(listed):
        yield from device(
            domain,
            {
                "driver": _CODECS.get(type_, type_),
                "id": f"{each.alias}-codec{number}",
                "bus": f"{each.alias}.0",
                "cad": number,
                "audiodev": backend,
            },
        )


def inputs(domain: Domain) -> Words:
    """Mice, tablets and keyboards; those of PS/2 are the machine's."""
    for each in domain.all("input"):
        source = part(each.element, "source")
        if each.type == "evdev":
            fields: dict[str, Value] = {"qom-type": "input-linux", "id": each.alias}
            yield from option("object", {**fields, "evdev": source.get("dev")})
        elif each.bus == "usb" and each.type in _USB_INPUTS:
            fields = {"driver": _USB_INPUTS[each.type], "id": each.alias}
            yield from device(domain, {**fields, **placed(domain, each)})
        elif each.bus == "virtio" and each.type in _VIRTIO_INPUTS:
            evdev = word(source, "evdev") if each.type == "passthrough" else None
            fields = {**virtio(each, _VIRTIO_INPUTS[each.type]), "id": each.alias}
            yield from device(domain, {**fields, "evdev": evdev, **placed(domain, each)})
