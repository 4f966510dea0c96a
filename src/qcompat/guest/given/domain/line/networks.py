"""Networks and their cards (libvirt: qemuBuildNetCommandLine)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.device import Device
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.characters import chardev
from qcompat.guest.given.domain.line.virtio import virtio
from qcompat.guest.given.domain.line.words import Value, Words, device, option, placed, positive
from qcompat.guest.given.domain.values import count, part, switch, text, word
from qcompat.guest.guest import Uncovered

_TAPS = frozenset({"network", "bridge", "direct", "ethernet"})
_SOCKETS = {"client": "connect", "server": "listen", "mcast": "mcast", "udp": "udp"}
_OFFLOADS_OF_HOST = ("csum", "gso", "tso4", "tso6", "ecn", "ufo", "mrg_rxbuf")
_OFFLOADS_OF_GUEST = ("csum", "tso4", "tso6", "ecn", "ufo")
_UNKNOWN = "this kind of network is nothing that QEMU has"
_TEAMING = (
    "whether its network gives the guest a device of the host, only libvirt knows; give the XML of "
    "the running guest: virsh dumpxml NAME"
)
_TX = {"iothread": "bh", "timer": "timer"}


def networks(domain: Domain) -> Words:
    for each in domain.all("interface"):
        if each.type == "hostdev":
            continue
        netdev = _netdev(domain, each)
        if netdev is None:
            domain.leave_out(Uncovered(f"<interface type='{each.type}'>", _UNKNOWN))
            continue
        if each.type == "network" and each.element.find("teaming") is not None:
            domain.leave_out(Uncovered("<teaming>", _TEAMING))
        if each.type == "vhostuser":
            source = part(each.element, "source")
            yield from chardev(source, f"char{each.alias}", source.get("type", "unix"))
        yield from option("netdev", {**netdev, "id": f"host{each.alias}"})
        yield from device(domain, _card(domain, each))


def is_virtio(device: Device) -> bool:
    return device.model in {"virtio", "virtio-transitional", "virtio-non-transitional"}


def _netdev(domain: Domain, each: Device) -> dict[str, Value] | None:
    source, driver = part(each.element, "source"), part(each.element, "driver")
    queues = count(driver, "queues") or 0
    several = queues if queues > 1 and is_virtio(each) else None
    if each.type in _TAPS:
        name = driver.get("name")
        is_vhost = is_virtio(each) and name != "qemu" and (domain.is_kvm or name == "vhost")
        return {
            "type": "tap",
            "queues": several,
            "vhost": True if is_vhost else None,
            "sndbuf": count(part(each.element, "tune"), "sndbuf")
            or positive(_number_in(each.element, "tune/sndbuf")),
        }
    if each.type in _SOCKETS:
        where = f"{source.get('address', '')}:{source.get('port', '')}"
        local = part(source, "local")
        local_address = f"{local.get('address')}:{local.get('port')}"
        own = local_address if each.type == "udp" else None
        return {"type": "socket", _SOCKETS[each.type]: where, "localaddr": own}
    if each.type in {"user", "internal"}:
        return _user(each)
    if each.type == "vhostuser":
        return {"type": "vhost-user", "chardev": f"char{each.alias}", "queues": several}
    if each.type == "vdpa":
        return {"type": "vhost-vdpa", "vhostdev": source.get("dev"), "queues": several}
    return None


def _number_in(element: Element, path: str) -> int | None:
    from qcompat.guest.given.domain.values import number

    return number(text(element, path), f"<{path}>")


def _user(each: Device) -> dict[str, Value]:
    if part(each.element, "backend").get("type") == "passt":
        return {"type": "stream", "addr": {"type": "unix", "path": f"/run/{each.alias}.passt"}}
    made: dict[str, Value] = {"type": "user"}
    for address in each.element.iterfind("ip"):
        prefix = address.get("prefix")
        if address.get("family") == "ipv6":
            made |= {"ipv6-prefix": address.get("address")}
            made |= {"ipv6-prefixlen": positive(count(address, "prefix"))}
        else:
            made["net"] = f"{address.get('address')}{f'/{prefix}' if prefix else ''}"
    return made


def _card(domain: Domain, each: Device) -> dict[str, Value]:
    first: dict[str, Value] = _virtio(each) if is_virtio(each) else {"driver": each.model}
    return {
        **first,
        "netdev": f"host{each.alias}",
        "id": each.alias,
        "mac": _mac(domain, each),
        "bootindex": positive(each.boot),
        **placed(domain, each),
        **rom(each),
    }


def _mac(domain: Domain, each: Device) -> str | None:
    found = word(part(each.element, "mac"), "address")
    if found is None:
        reason = "libvirt makes a MAC address when the domain is defined"
        domain.leave_out(Uncovered(f"<interface type='{each.type}'>", reason, "nothing"))
    return found.lower() if found else None


def rom(each: Device) -> dict[str, Value]:
    """What <rom> says of a device's option ROM."""
    given = part(each.element, "rom")
    if switch(given, "enabled") is False:
        return {"romfile": ""}
    bar = switch(given, "bar")
    return {"rombar": None if bar is None else int(bar), "romfile": given.get("file")}


def _virtio(each: Device) -> dict[str, Value]:
    driver = part(each.element, "driver")
    queues = count(driver, "queues") or 0
    host, guest = part(driver, "host"), part(driver, "guest")
    names = {"csum": "csum", "gso": "gso", "mrg_rxbuf": "mrg_rxbuf"}
    offloads: dict[str, Value] = {
        names.get(name, f"host_{name}"): switch(host, name) for name in _OFFLOADS_OF_HOST
    }
    offloads |= {f"guest_{name}": switch(guest, name) for name in _OFFLOADS_OF_GUEST}
    teaming = part(each.element, "teaming").get("type")
    return {
        **virtio(each, "virtio-net"),
        "tx": _TX.get(driver.get("txmode", "")),
        "ioeventfd": switch(driver, "ioeventfd"),
        "event_idx": switch(driver, "event_idx"),
        **offloads,
        "mq": True if queues > 1 else None,
        "vectors": 2 * queues + 2 if queues > 1 else None,
        "rx_queue_size": positive(count(driver, "rx_queue_size")),
        "tx_queue_size": positive(count(driver, "tx_queue_size")),
        "rss": switch(driver, "rss"),
        "hash": switch(driver, "rss_hash_report"),
        "host_mtu": positive(count(part(each.element, "mtu"), "size")),
        "failover": True if teaming == "persistent" else None,
    }
