"""The hosts' transparent huge pages differ in size, and with them the blocks of a virtio-mem.

A virtio-mem that names no block size takes that of the host's transparent huge pages, where its
memory is not on larger ones (`virtio_mem_default_block_size`, hw/virtio/virtio-mem.c, from 6.0 on).
The target compares the block size that the stream holds with its own: `Property 'block-size'
changed from … to …` (`virtio_mem_mig_sanity_checks_post_load`), and refuses the guest.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.hosts.differences import HostPagesDiffer
from qcompat.guest.option import format_size
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="host_page_size_changed",
    stage="hosts",
    position=9,
    says={
        "": "The target refuses the device's state: its blocks are {target} there and {source} on "
        "the source, as large as each host's transparent huge pages. With block-size={source} on "
        "the target they are the same",
    },
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for each in comparison.of(HostPagesDiffer):
        here, there = format_size(each.source), format_size(each.target)
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="likely",
            subject=subject_of(comparison.source, each.address),
            args={"source": here, "target": there},
            evidence=(Evidence("size of the blocks", here, there),),
        )
