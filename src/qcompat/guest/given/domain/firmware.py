"""The firmware of a domain: that which it names, or that which a descriptor offers.

Descriptors (docs/interop/firmware.json of QEMU) are the only files that are read: they say which
firmware a host has, and what it is good for. libvirt: src/qemu/qemu_firmware.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import part, switch, text
from qcompat.guest.guest import Uncovered
from qcompat.local.foreign_file import read_foreign

PLACES = (Path("/etc/qemu/firmware"), Path("/usr/share/qemu/firmware"))
"""Where descriptors lie; one of the first place hides one of the same name in the second."""
_MOST_BYTES, _MOST_FILES = 1 << 20, 256
_NOT_FOUND = (
    "no firmware of this machine is described as fitting, so UEFI of 4 MiB stands in; give the XML "
    "of the running guest, which names its files: virsh dumpxml NAME"
)
_USUAL = {False: "OVMF_CODE_4M.fd", True: "AAVMF_CODE.fd"}
_INTERFACES = {"efi": "uefi", "bios": "bios"}


class _File(msgspec.Struct, frozen=True):
    filename: str = ""
    format: str = "raw"


class _Mapping(msgspec.Struct, frozen=True, rename="kebab"):
    device: str = ""
    mode: str = "split"
    executable: _File = _File()
    nvram_template: _File = _File()
    filename: str = ""


class _Target(msgspec.Struct, frozen=True):
    architecture: str
    machines: tuple[str, ...]


class Descriptor(msgspec.Struct, frozen=True, rename="kebab"):
    """One descriptor, as far as it decides."""

    interface_types: tuple[str, ...]
    mapping: _Mapping
    targets: tuple[_Target, ...]
    features: tuple[str, ...]


class Flash(msgspec.Struct, frozen=True):
    """A flash chip: its file, the driver that reaches it, and the node that the machine uses."""

    path: str
    format: str
    node: str
    is_read_only: bool
    driver: str = "file"


class Loader(msgspec.Struct, frozen=True):
    """The firmware: a ROM or flash chips; `is_secure` if only SMM may write to these."""

    bios: str = ""
    flashes: tuple[Flash, ...] = ()
    is_secure: bool = False
    needs_smm: bool = False


def find_loader(domain: Domain, places: tuple[Path, ...] = PLACES) -> Loader:
    """The firmware of a domain. Nothing but descriptors is opened."""
    given = domain.part("os/loader")
    chosen = domain.part("os").get("firmware", "")
    path, type_ = text(domain.element, "os/loader"), given.get("type", "")
    if not chosen and (not path or type_ != "pflash"):
        return Loader(bios=path)
    if chosen == "bios" and not path and type_ != "pflash":
        found = _fitting(domain, places)
        return Loader(bios=found.mapping.filename if found else "")
    descriptor = _fitting(domain, places)
    if descriptor and descriptor.mapping.device == "memory":
        return Loader(bios=descriptor.mapping.filename)
    if descriptor is None and chosen and not path:
        domain.leave_out(Uncovered(f"<os firmware='{chosen}'>", _NOT_FOUND))
    mapping = descriptor.mapping if descriptor else _Mapping()
    format_ = given.get("format") or mapping.executable.format
    code = path or mapping.executable.filename or _USUAL[domain.is_virt]
    is_secure = switch(given, "secure")
    needs_smm = descriptor is not None and "requires-smm" in descriptor.features
    is_read_only = switch(given, "readonly") is True or descriptor is not None or not path
    flashes = [_flash(0, code, format_, is_read_only=is_read_only)]
    flashes += _variables(domain, mapping, format_, is_read_only=is_read_only)
    return Loader("", tuple(flashes), bool(is_secure) or needs_smm, needs_smm)


def _variables(
    domain: Domain, mapping: _Mapping, format_: str, *, is_read_only: bool
) -> Iterator[Flash]:
    nvram = domain.part("os/nvram")
    is_stateless = switch(domain.part("os/loader"), "stateless") is True
    source = part(nvram, "source")
    own = text(domain.element, "os/nvram") or source.get("file") or source.get("dev")
    if is_stateless or mapping.mode == "stateless":
        return
    if own or nvram.get("type") or is_read_only:
        template = nvram.get("templateFormat") or mapping.nvram_template.format
        usual = format_ if own or not mapping.nvram_template.filename else template
        driver = {"file": "file", "block": "host_device"}.get(nvram.get("type", "file"))
        if driver is None:
            own, driver = source.get("name", ""), source.get("protocol", "")
        path = own or f"/var/lib/libvirt/qemu/nvram/{domain.name}_VARS.fd"
        yield _flash(1, path, nvram.get("format") or usual, driver, is_read_only=False)


def _flash(
    number: int, path: str, format_: str, driver: str = "file", *, is_read_only: bool
) -> Flash:
    layer = "storage" if number and format_ == "raw" else "format"
    return Flash(path, format_, f"libvirt-pflash{number}-{layer}", is_read_only, driver)


def _fitting(domain: Domain, places: tuple[Path, ...]) -> Descriptor | None:
    return next((each for each in _descriptors(places) if _fits(domain, each)), None)


def _descriptors(places: tuple[Path, ...]) -> Iterator[Descriptor]:
    """All descriptors in the order of their names, those of an earlier place first."""
    files: dict[str, Path] = {}
    for place in reversed(places):
        try:
            listed = sorted(place.glob("*.json"))[:_MOST_FILES]
        except OSError:
            continue
        files |= {path.name: path for path in listed}
    for _, path in sorted(files.items()):
        try:
            yield msgspec.json.decode(read_foreign(path, _MOST_BYTES), type=Descriptor)
        except (FileFormatError, *UNDECODABLE):
            continue  # libvirt passes over a broken or an empty one, too


def _fits(domain: Domain, descriptor: Descriptor) -> bool:
    given = domain.part("os/loader")
    chosen, mapping = domain.part("os").get("firmware", ""), descriptor.mapping
    wanted = _INTERFACES.get(chosen, "uefi" if given.get("type") == "pflash" else "bios")
    fits_machine = any(
        target.architecture == domain.architecture
        and any(fnmatchcase(_canonical(domain.machine), each) for each in target.machines)
        for target in descriptor.targets
    )
    is_fitting = wanted in descriptor.interface_types and fits_machine
    return (
        is_fitting
        and _fits_paths(domain, mapping)
        and _fits_features(domain, descriptor.features)
        and _fits_mapping(domain, mapping)
    )


def _canonical(machine: str) -> str:
    """An alias as the machine type that it stands for; any version will do."""
    versioned = {"pc": "pc-i440fx-0.0", "q35": "pc-q35-0.0", "virt": "virt-0.0"}
    return versioned.get(machine, machine)


def _fits_paths(domain: Domain, mapping: _Mapping) -> bool:
    path = text(domain.element, "os/loader")
    template = domain.part("os/nvram").get("template")
    if mapping.device == "memory":
        return not path or path == mapping.filename
    if path and path != mapping.executable.filename:
        return False
    return not template or template == mapping.nvram_template.filename


def _fits_features(domain: Domain, features: tuple[str, ...]) -> bool:
    states = {"suspend-to-mem": "acpi-s3", "suspend-to-disk": "acpi-s4"}
    for tag, name in states.items():
        if switch(part(domain.part("pm"), tag), "enabled") and name not in features:
            return False
    asked: Mapping[str, bool | None] = {
        each.get("name", ""): switch(each, "enabled")
        for each in domain.element.iterfind("os/firmware/feature")
    }
    for name in ("secure-boot", "enrolled-keys"):
        wanted = asked.get(name)
        if wanted is not None and wanted != (name in features):
            return False
    secure = switch(domain.part("os/loader"), "secure")
    if "requires-smm" in features:
        if domain.feature("smm") is False or secure is False:
            return False
    elif secure:
        return False
    security = domain.part("launchSecurity").get("type")
    needed = {"sev": "amd-sev", "sev-snp": "amd-sev-snp"}.get(security or "")
    return needed is None or needed in features


def _fits_mapping(domain: Domain, mapping: _Mapping) -> bool:
    given = domain.part("os/loader")
    type_, format_ = given.get("type", ""), given.get("format", "")
    if domain.part("os").get("firmware"):
        format_ = format_ or "raw"  # what libvirt took before it knew formats, and keeps
    is_written = switch(given, "readonly") is False
    if mapping.device == "flash":
        wanted = "stateless" if switch(given, "stateless") else "split"
        if type_ not in {"", "pflash"} or mapping.mode != wanted:
            return False
        if is_written and mapping.mode != "combined":
            return False
        return not format_ or format_ == mapping.executable.format
    return mapping.device != "memory" or (type_ in {"", "rom"} and not is_written)
