"""The configuration section does not match the target: page size, capabilities, UUID.

QEMU checks it before any device (migration/savevm.c `configuration_post_load`,
`configuration_validate_capabilities`, `vmstate_uuid_post_load`): page bits must be equal, the
lists of validated capabilities must be equal, and the UUIDs where both ends have one. The machine
type's name has its own rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ConfigurationDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import GUEST
from qcompat.stream.model import Configuration

RULE = Rule(
    id="configuration_changed",
    stage="configuration",
    position=2,
    says={
        "": "The target refuses the stream: the {what} differs ({source} on the source, "
        "{target} on the target)",
    },
    foretells=("configuration",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(ConfigurationDiffers):
        if difference.source is None or difference.target is None:
            continue
        for evidence in _clashes(difference.source, difference.target):
            yield Finding(
                rule=RULE.id,
                promise="loads",
                certainty="certain",
                subject=GUEST,
                args={
                    "what": evidence.what,
                    "source": evidence.source or "none",
                    "target": evidence.target or "none",
                },
                evidence=(evidence,),
                remedy=f"-uuid {evidence.source}" if evidence.what == "UUID" else None,
            )


def _clashes(source: Configuration, target: Configuration) -> Iterator[Evidence]:
    if source.page_bits != target.page_bits:
        yield Evidence("target page size (bits)", _text(source.page_bits), _text(target.page_bits))
    if set(source.capabilities) != set(target.capabilities):
        ours, theirs = ", ".join(source.capabilities), ", ".join(target.capabilities)
        yield Evidence("list of migration capabilities", ours or None, theirs or None)
    if source.uuid and target.uuid and source.uuid != target.uuid:
        yield Evidence("UUID", source.uuid, target.uuid)


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
