"""Device properties in the words of libvirt's domain XML.

Where domain XML has an attribute for a property it is used; the rest goes through
`<qemu:override>` (libvirt 8.2 and later), which names the device by its alias.
"""

from __future__ import annotations

from qcompat.guest.option import Pairs
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.hosts.devices.features import features_of
from qcompat.hosts.devices.lines import HostLine
from qcompat.report.hosts.answers import HostLines
from qcompat.report.output import Output

_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0"
_ELEMENTS = {"virtio-net": "interface", "vhost-vsock": "vsock", "virtio-balloon": "memballoon"}


def write(answer: HostLines, out: Output) -> None:
    """What to put into the domain XML for each host, each part under a comment with its name."""
    for line in answer.found.lines:
        out.write_utf8(f"<!-- {line.host} {line.build} -->\n")
        own, rest = _split(line.settings, answer.asked)
        parts = [*_netdev(line), *_element(own, answer.asked), *_override(rest, answer.alias)]
        out.write_utf8("\n".join(parts or ["<!-- nothing to set -->"]) + "\n")


def _netdev(line: HostLine) -> list[str]:
    given = ",".join(f"{name}={value}" for name, value in line.netdev)
    return [f"<!-- -netdev tap,{given} is needed, which domain XML cannot express -->"] * bool(
        given
    )


def _split(settings: Pairs, device: AskedDevice) -> tuple[dict[str, str], Pairs]:
    """Attributes by their place, and the properties without one."""
    places = {row.property: row.libvirt for row in features_of(device.kind) if row.libvirt}
    own = {places[name]: value for name, value in settings if name in places}
    return own, tuple(pair for pair in settings if pair[0] not in places)


def _element(own: dict[str, str], device: AskedDevice) -> list[str]:
    if not own:
        return []
    name = _ELEMENTS.get(device.kind.name, "device")
    lines = [f"  {text}" for text in _inner(own)]
    return [f"<{name} …>", *lines, f"</{name}>"]


def _inner(own: dict[str, str]) -> list[str]:
    """`driver.host.csum` is attribute `csum` of `<host>` in `<driver>`."""
    mtu = [f"<mtu size='{own['mtu.size']}'/>"] if "mtu.size" in own else []
    inner: dict[str, dict[str, str]] = {}
    for place, value in own.items():
        *above, attribute = place.split(".")
        if above[0] == "driver":
            inner.setdefault(".".join(above[1:]), {})[attribute] = value
    if not inner:
        return mtu
    top = _attributes(inner.pop("", {}))
    nested = [f"  <{name}{_attributes(each)}/>" for name, each in inner.items()]
    if not nested:
        return [*mtu, f"<driver{top}/>"]
    return [*mtu, f"<driver{top}>", *nested, "</driver>"]


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}='{value}'" for name, value in values.items())


def _override(rest: Pairs, alias: str) -> list[str]:
    if not rest:
        return []
    lines = [f"      <qemu:property {_typed(name, value)}/>" for name, value in rest]
    return [
        f"<qemu:override xmlns:qemu='{_NAMESPACE}'>",
        f"  <qemu:device alias='{alias}'>",
        "    <qemu:frontend>",
        *lines,
        "    </qemu:frontend>",
        "  </qemu:device>",
        "</qemu:override>",
    ]


def _typed(name: str, value: str) -> str:
    """libvirt wants the JSON type: switches are `bool`."""
    if value in ("on", "off"):
        return f"name='{name}' type='bool' value='{'true' if value == 'on' else 'false'}'"
    kind = "signed" if value.lstrip("-").isdigit() else "string"
    return f"name='{name}' type='{kind}' value='{value}'"
