"""The devices of which a guest has one or a few: balloon, random numbers, TPM and so on."""

from __future__ import annotations

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.characters import chardev
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import (
    Fields,
    Value,
    Words,
    device,
    escaped,
    option,
    placed,
    positive,
)
from qcompat.guest.given.domain.values import count, kibibytes, part, switch, text
from qcompat.guest.guest import Uncovered

_RNG = {"random": "rng-random", "egd": "rng-egd", "builtin": "rng-builtin"}
_PERIOD = 1000  # ms, libvirt's own
_SHARED_MEMORY = 4 << 20
_CID = "libvirt takes a free context id at the start; 3 stands in"
_ENCRYPTION = {"sev": "sev-guest", "sev-snp": "sev-snp-guest", "s390-pv": "s390-pv-guest"}


def hubs(domain: Domain) -> Words:
    for each in domain.all("hub"):
        fields: dict[str, Value] = {"driver": "usb-hub", "id": each.alias}
        yield from device(domain, {**fields, **placed(domain, each)})


def filesystems(domain: Domain) -> Words:
    """Directories of the host: by 9p, virtiofs or MTP."""
    for each in domain.all("filesystem"):
        type_ = part(each.element, "driver").get("type", "path")
        tag = part(each.element, "target").get("dir")
        if type_ == "virtiofs":
            yield from ("-chardev", f"socket,id=chr-vu-{each.alias},path=/run/{each.alias}.sock")
            fields: dict[str, Value] = {
                **virtio(each, "vhost-user-fs"),
                "id": each.alias,
                "chardev": f"chr-vu-{each.alias}",
                "queue-size": positive(count(part(each.element, "driver"), "queue")),
                "tag": tag,
                "bootindex": positive(each.boot),
            }
        elif type_ == "mtp":
            fields = {"driver": "usb-mtp", "id": each.alias, "desc": tag}
            fields |= {"rootdir": part(each.element, "source").get("dir")}
            fields["readonly"] = each.element.find("readonly") is not None
        else:
            path = escaped(part(each.element, "source").get("dir", ""))
            yield from ("-fsdev", f"local,id=fsdev-{each.alias},path={path}")
            fields = {**virtio(each, "virtio-9p"), "id": each.alias}
            fields |= {"fsdev": f"fsdev-{each.alias}", "mount_tag": tag}
        yield from device(domain, {**fields, **placed(domain, each)})


def tpms(domain: Domain) -> Words:
    for each in domain.all("tpm"):
        backend = part(each.element, "backend")
        name = f"tpm-{each.alias}"
        if backend.get("type") == "passthrough":
            path = part(backend, "device").get("path", "/dev/tpm0")
            yield from ("-tpmdev", f"passthrough,id={name},path={escaped(path)}")
        else:
            yield from ("-chardev", f"socket,id=chrtpm,path=/run/{each.alias}.sock")
            yield from ("-tpmdev", f"emulator,id={name},chardev=chrtpm")
        model = "tpm-tis-device" if domain.is_virt and each.model == "tpm-tis" else each.model
        fields: dict[str, Value] = {"driver": model, "tpmdev": name, "id": each.alias}
        yield from device(domain, {**fields, **placed(domain, each)})


def watchdogs(domain: Domain) -> Words:
    listed = domain.all("watchdog")
    for each in listed:
        if each.model != "itco":
            fields: dict[str, Value] = {"driver": each.model, "id": each.alias}
            yield from device(domain, {**fields, **placed(domain, each)})
    if any(each.model == "itco" for each in listed):
        yield from ("-global", "ICH9-LPC.noreboot=off")
    if listed:
        action = listed[-1].element.get("action", "reset")
        yield from ("-watchdog-action", "pause" if action == "dump" else action)


def balloons(domain: Domain) -> Words:
    for each in domain.all("memballoon"):
        if each.model.startswith("virtio"):
            yield from device(
                domain,
                {
                    **virtio(each, "virtio-balloon"),
                    "id": each.alias,
                    "deflate-on-oom": switch(each.element, "autodeflate"),
                    "free-page-reporting": switch(each.element, "freePageReporting"),
                    **placed(domain, each),
                },
            )


def rngs(domain: Domain) -> Words:
    for each in domain.all("rng"):
        backend, rate = part(each.element, "backend"), part(each.element, "rate")
        type_ = backend.get("model", "random")
        object_: dict[str, Value] = {"qom-type": _RNG.get(type_, type_), "id": f"obj{each.alias}"}
        if type_ == "random":
            object_["filename"] = (backend.text or "").strip() or "/dev/random"
        elif type_ == "egd":
            source = part(backend, "source")
            yield from chardev(source, f"char{each.alias}", backend.get("type", "unix"))
            object_["chardev"] = f"char{each.alias}"
        yield from option("object", object_)
        most = positive(count(rate, "bytes"))
        yield from device(
            domain,
            {
                **virtio(each, "virtio-rng"),
                "rng": f"obj{each.alias}",
                "id": each.alias,
                "max-bytes": most,
                "period": (count(rate, "period") or _PERIOD) if most else None,
                **placed(domain, each),
            },
        )


def panics(domain: Domain) -> Words:
    for each in domain.all("panic"):
        if each.model == "isa":
            at = each.at("isa")
            fields: dict[str, Value] = {"driver": "pvpanic", "ioport": at.base if at else None}
            yield from device(domain, fields)
        elif each.model == "pvpanic":
            yield from device(domain, {"driver": "pvpanic-pci", **placed(domain, each)})


def shared_memory(domain: Domain) -> Words:
    for each in domain.all("shmem"):
        model = "ivshmem-plain" if each.model == "ivshmem" else each.model
        yield from _backing(each, model)
        msi = part(each.element, "msi")
        has_server = each.element.find("server") is not None
        master = {"master": "on", "peer": "off"}.get(each.element.get("role", ""))
        events = switch(msi, "ioeventfd")
        yield from device(
            domain,
            {
                "driver": model,
                "id": each.alias,
                "chardev": f"char{each.alias}" if has_server else None,
                "memdev": None if has_server else f"shmmem-{each.alias}",
                "master": None if has_server else master,
                "vectors": positive(count(msi, "vectors")),
                "ioeventfd": (True if events is None else events) if has_server else None,
                **placed(domain, each),
            },
        )
        if has_server:
            yield from chardev(part(each.element, "server"), f"char{each.alias}", "unix")


def _backing(each: Device, model: str) -> Words:
    if model == "ivshmem-plain":
        size = kibibytes(part(each.element, "size"), "B")
        yield from option(
            "object",
            {
                "qom-type": "memory-backend-file",
                "id": f"shmmem-{each.alias}",
                "mem-path": f"/dev/shm/{each.element.get('name')}",  # noqa: S108 - never opened
                "size": size * 1024 if size else _SHARED_MEMORY,
                "share": True,
            },
        )


def sockets(domain: Domain) -> Words:
    for each in domain.all("vsock"):
        given = part(each.element, "cid")
        cid = count(given, "address")
        if cid is None or switch(given, "auto"):
            domain.leave_out(Uncovered("<cid auto='yes'>", _CID, "nothing"))
        fields: dict[str, Value] = {**virtio(each, "vhost-vsock"), "id": each.alias}
        fields |= {"guest-cid": 3 if cid is None else cid, "vhostfd": "3"}
        yield from device(domain, {**fields, **placed(domain, each)})


def ciphers(domain: Domain) -> Words:
    for each in domain.all("crypto"):
        backend = part(each.element, "backend")
        yield from option(
            "object",
            {
                "qom-type": f"cryptodev-backend-{backend.get('model', 'builtin')}",
                "id": f"obj{each.alias}",
                "queues": positive(count(backend, "queues")),
            },
        )
        fields: Fields = {"cryptodev": f"obj{each.alias}", "id": each.alias}
        yield from device(
            domain, {**virtio(each, "virtio-crypto"), **fields, **placed(domain, each)}
        )


def persistent_store(domain: Domain) -> Words:
    for each in domain.all("pstore"):
        size = kibibytes(part(each.element, "size"))
        path = text(each.element, "path") or f"/var/lib/libvirt/qemu/nvram/{domain.name}_PSTORE"
        fields: dict[str, Value] = {"qom-type": "memory-backend-file", "id": f"mem{each.alias}"}
        yield from option(
            "object", {**fields, "mem-path": path, "size": (size or 0) * 1024, "share": True}
        )
        fields = {"driver": "acpi-erst", "id": each.alias, "memdev": f"mem{each.alias}"}
        yield from device(domain, {**fields, **placed(domain, each)})


def encryption(domain: Domain) -> Words:
    """The object that encrypts memory; the machine refers to it."""
    given = domain.element.find("launchSecurity")
    if given is not None:
        type_ = given.get("type", "")
        yield from option("object", {"qom-type": _ENCRYPTION.get(type_, type_), "id": "lsec0"})


def core_dumps(domain: Domain) -> Words:
    if domain.feature("vmcoreinfo"):
        yield from device(domain, {"driver": "vmcoreinfo"})
