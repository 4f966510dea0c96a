"""Character devices: serial and parallel ports, channels, consoles and their like."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Value, Words, device, escaped, option, placed
from qcompat.guest.given.domain.values import part, switch

_BACKENDS = {"dev": "serial", "unix": "socket", "tcp": "socket", "spiceport": "spiceport"}
_PLACES = {"dev": "path", "file": "path", "pipe": "path", "unix": "path", "spiceport": "name"}
_SERIALS = {"isa-debug": "isa-debugcon", "system-serial": "isa-serial", "": "isa-serial"}
_OF_BOARD = frozenset({"", "system-serial", "isa-serial"})
"""Serial ports that are ports of the board itself; the ISA one was libvirt's name for it once."""
_SPICE_AGENT = "com.redhat.spice.0"


def chardev(source: Element, id_: str, type_: str) -> Words:
    """`-chardev` for the back end of a type; `source` is the <source> element."""
    fields = [f"id={id_}"]
    place = source.get("path") or source.get("channel") or ""
    if type_ in _PLACES and place:
        fields.append(f"{_PLACES[type_]}={escaped(place)}")
    elif type_ in {"tcp", "udp"}:
        fields += [f"host={escaped(source.get('host', ''))}", f"port={source.get('service', '')}"]
    elif type_ == "spicevmc":
        fields.append("name=vdagent")
    yield from ("-chardev", ",".join((_BACKENDS.get(type_, type_), *fields)))


def _backend(each: Device) -> Words:
    type_ = each.element.get("type", "pty")
    if type_ == "qemu-vdagent":
        clipboard = switch(part(each.element, "source/clipboard"), "copypaste")
        mouse = part(each.element, "source/mouse").get("mode")
        said = {"clipboard": clipboard, "mouse": {"client": True, "server": False}.get(mouse or "")}
        given = [f"{k}={'on' if v else 'off'}" for k, v in said.items() if v is not None]
        fields = ",".join(("qemu-vdagent", f"id=char{each.alias}", "name=vdagent", *given))
        yield from ("-chardev", fields)
    else:
        yield from chardev(part(each.element, "source"), f"char{each.alias}", type_)


def serials(domain: Domain) -> Words:
    """Serial ports; one of SPICE only where the guest has SPICE."""
    has_spice = any(each.type == "spice" for each in domain.all("graphics"))
    for each in domain.all("serial"):
        if each.element.get("type") == "spiceport" and not has_spice:
            continue
        yield from _backend(each)
        if domain.is_virt and each.type in _OF_BOARD:
            yield from ("-serial", f"chardev:char{each.alias}")
            continue
        driver = each.model or _SERIALS.get(each.type, each.type)
        index = each.index if driver == "isa-serial" else None
        fields: dict[str, Value] = {"driver": driver, "chardev": f"char{each.alias}"}
        fields |= {"id": each.alias, "index": index, **placed(domain, each)}
        yield from device(domain, fields)


def parallels(domain: Domain) -> Words:
    for each in domain.all("parallel"):
        yield from _backend(each)
        fields: dict[str, Value] = {"driver": "isa-parallel", "chardev": f"char{each.alias}"}
        yield from device(domain, {**fields, "id": each.alias})


def channels(domain: Domain) -> Words:
    """Channels: ports of a virtio serial controller, and forwarded ones of a user network."""
    for each in domain.all("channel"):
        target = part(each.element, "target")
        if each.type == "guestfwd":
            yield from _backend(each)
            to = f"tcp:{target.get('address')}:{target.get('port')}-chardev:char{each.alias}"
            forwards: list[dict[str, object]] = [{"str": to}]
            yield from option("netdev", {"type": "user", "guestfwd": forwards, "id": each.alias})
        elif each.type == "virtio":
            yield from _backend(each)
            is_agent = each.element.get("type") == "spicevmc"
            name = target.get("name") or (_SPICE_AGENT if is_agent else None)
            yield from device(domain, _port(domain, each, "virtserialport", name))


def consoles(domain: Domain) -> Words:
    for each in domain.all("console"):
        if each.type == "virtio":
            yield from _backend(each)
            yield from device(domain, _port(domain, each, "virtconsole", None))


def _port(domain: Domain, each: Device, driver: str, name: str | None) -> dict[str, Value]:
    at = placed(domain, each)
    return {"driver": driver, **at, "chardev": f"char{each.alias}", "id": each.alias, "name": name}


def smartcards(domain: Domain) -> Words:
    """The one smart card that QEMU has."""
    for each in domain.all("smartcard")[:1]:
        fields: dict[str, Value]
        mode = each.element.get("mode")
        if mode == "passthrough":
            yield from chardev(
                part(each.element, "source"), f"char{each.alias}", each.element.get("type", "tcp")
            )
            fields = {"driver": "ccid-card-passthru", "chardev": f"char{each.alias}"}
        elif mode == "host-certificates":
            files = [(c.text or "").strip() for c in each.element.iterfind("certificate")]
            certificates = {f"cert{n}": file for n, file in enumerate(files, 1)}
            database = (each.element.findtext("database") or "/etc/pki/nssdb").strip()
            fields = {"driver": "ccid-card-emulated", "backend": "certificates"}
            fields |= {**certificates, "db": database}
        else:
            fields = {"driver": "ccid-card-emulated", "backend": "nss-emulated"}
        at = each.at("ccid")
        controller = domain.controller("ccid", at.controller if at else 0)
        bus = f"{controller.alias if controller else 'ccid0'}.0"
        yield from device(domain, {**fields, "id": each.alias, "bus": bus})


def redirections(domain: Domain) -> Words:
    filter_ = _filter(domain)
    for each in domain.all("redirdev"):
        yield from _backend(each)
        fields: dict[str, Value] = {"driver": "usb-redir", "chardev": f"char{each.alias}"}
        fields |= {"id": each.alias, "filter": filter_, "bootindex": each.boot or None}
        yield from device(domain, {**fields, **placed(domain, each)})


def _filter(domain: Domain) -> str | None:
    rules = domain.element.findall("devices/redirfilter/usbdev")
    made = []
    for rule in rules:
        widths = (("class", 2), ("vendor", 4), ("product", 4))
        pieces = [_hexadecimal(rule.get(name), width) for name, width in widths]
        pieces.append(_version(rule.get("version")))
        made.append(":".join((*pieces, str(int(switch(rule, "allow") is True)))))
    return "|".join(made) or None


def _hexadecimal(value: str | None, width: int) -> str:
    from qcompat.guest.given.domain.values import number

    found = number(value, "a USB filter")
    return "-1" if found is None or found < 0 else f"0x{found:0{width}X}"


def _version(value: str | None) -> str:
    """`1.10` in binary coded decimals: 0x0110."""
    if not value or value == "-1":
        return "-1"
    major, _, minor = value.partition(".")
    digits = f"{major:0>2}{minor:0<2}" if minor else f"{major:0>2}00"
    return f"0x{digits[:4].upper()}"
