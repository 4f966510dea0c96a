"""What the guest reads of itself: UUID, SMBIOS, fw_cfg, generation id, clock and sleep states."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Words, device, escaped
from qcompat.guest.given.domain.values import count, part, switch, text
from qcompat.guest.guest import Uncovered

_SMBIOS_OF_HOST = "the SMBIOS strings are those of the host, which the XML does not hold"
_NO_UUID = "libvirt makes a UUID when the domain is defined; the guest sees it in SMBIOS"
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_GENERATED = (
    "libvirt makes a generation id at the start of the guest; give the XML of the running one"
)
_CLOCK = "the clock starts this many seconds beside the host's, at the time of the start"
_TRACKS = {"boot": "vm", "guest": "vm", "wall": "host", "realtime": "rt"}
_STATES = {"suspend-to-mem": "disable_s3", "suspend-to-disk": "disable_s4"}
_LATEST = 253402300799
"""The end of the year 9999."""


def identity(domain: Domain) -> Words:
    """`-uuid`, `-smbios`, `-fw_cfg` and the generation id."""
    if uuid := text(domain.element, "uuid"):
        yield from ("-uuid", uuid)
    else:
        domain.leave_out(Uncovered("<uuid>", _NO_UUID, "nothing"))
    mode = domain.part("os/smbios").get("mode")
    if mode == "host":
        domain.leave_out(Uncovered("<smbios mode='host'>", _SMBIOS_OF_HOST, "view"))
    elif mode == "sysinfo":
        for sysinfo in domain.element.iterfind("sysinfo[@type='smbios']"):
            yield from _smbios(sysinfo)
    for entry in domain.element.iterfind("sysinfo[@type='fwcfg']/entry"):
        value = (entry.text or "").strip()
        content = f"string={escaped(value)}" if value else f"file={escaped(entry.get('file', ''))}"
        yield from ("-fw_cfg", f"name={escaped(entry.get('name', ''))},{content}")
    if domain.element.find("genid") is not None:
        guid = text(domain.element, "genid") or _NO_GUID
        if guid == _NO_GUID:
            domain.leave_out(Uncovered("<genid/>", _GENERATED, "view"))
        yield from device(domain, {"driver": "vmgenid", "guid": guid, "id": "vmgenid0"})


_TABLES = (
    ("bios", 0, ("vendor", "version", "date", "release")),
    ("system", 1, ("manufacturer", "product", "version", "serial", "uuid", "sku", "family")),
    ("baseBoard", 2, ("manufacturer", "product", "version", "serial", "asset", "location")),
    ("chassis", 3, ("manufacturer", "version", "serial", "asset", "sku")),
)


def _smbios(sysinfo: Element) -> Words:
    for tag, number, names in _TABLES:
        for table in sysinfo.iterfind(tag):
            entries = {each.get("name", ""): (each.text or "").strip() for each in table}
            said = [f"{name}={escaped(entries[name])}" for name in names if entries.get(name)]
            if said:
                yield from ("-smbios", ",".join((f"type={number}", *said)))
    strings = [(each.text or "").strip() for each in sysinfo.iterfind("oemStrings/entry")]
    if strings:
        said = [f"value={escaped(each)}" for each in strings]
        yield from ("-smbios", ",".join(("type=11", *said)))


def clock(domain: Domain) -> Words:
    """`-rtc`, and what becomes of lost ticks of the PIT."""
    given = domain.part("clock")
    timers = {each.get("name"): each for each in given.iterfind("timer")}
    said = [f"base={_base(domain, given)}"]
    rtc = timers.get("rtc", Element("timer"))
    if track := _TRACKS.get(rtc.get("track", "")):
        said.append(f"clock={track}")
    if rtc.get("tickpolicy") == "catchup":
        said.append("driftfix=slew")
    yield from ("-rtc", ",".join(said))
    policy = timers.get("pit", Element("timer")).get("tickpolicy")
    lost = {"delay": "delay", "discard": "discard"}.get(policy or "")
    if lost:
        yield from ("-global", f"kvm-pit.lost_tick_policy={lost}")


def _base(domain: Domain, given: Element) -> str:
    offset = given.get("offset", "utc")
    if offset in {"localtime", "timezone"}:
        return "localtime"
    start = count(given, "start") if offset == "absolute" else None
    if start is not None and 0 <= start <= _LATEST:
        return datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if offset == "variable" and count(given, "adjustment"):
        what = f"<clock offset='variable' adjustment='{given.get('adjustment')}'>"
        domain.leave_out(Uncovered(what, _CLOCK, "nothing"))
    return "utc"


def sleep_states(domain: Domain) -> Words:
    chipset = "ICH9-LPC" if domain.is_q35 else "PIIX4_PM"
    for tag, name in _STATES.items():
        enabled = switch(part(domain.part("pm"), tag), "enabled")
        if enabled is not None:
            yield from ("-global", f"{chipset}.{name}={int(not enabled)}")
