"""How settings are spelled for QEMU: `-global`, and features behind a processor's model."""

from __future__ import annotations

from qcompat.portrait.portrait import Portrait

_CPU = "-x86_64-cpu"


def global_text(driver: str, name: str, value: str) -> str:
    """What comes after `-global`; the long form where a dot in the driver would end it."""
    if "." in driver:
        return f"driver={driver},property={name},value={value}"
    return f"{driver}.{name}={value}"


def model_of(portrait: Portrait) -> str:
    """The processor's model as `-cpu` wants it."""
    return portrait.cpu.type.removesuffix(_CPU) if portrait.cpu else "qemu64"


def without_feature(text: str, name: str) -> str:
    """A `-cpu` value that says nothing of the feature: neither `+x`, `-x` nor `x=on`."""
    model, *features = text.split(",")
    return ",".join([model, *(each for each in features if feature_name(each) != _plain(name))])


def feature_name(text: str) -> str:
    """The feature that `+x`, `-x`, `x=on` or `x` speaks of, in one spelling."""
    return _plain(text.partition("=")[0].lstrip("+-"))


def _plain(name: str) -> str:
    """QEMU takes `sse4_1`, `sse4-1` and `sse4.1` for one feature (x86_cpu_parse_featurestr)."""
    return name.replace("_", "-").replace(".", "-")
