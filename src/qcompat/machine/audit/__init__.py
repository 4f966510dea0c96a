"""Lints over compat tables: what keeps old machine types from being what they were.

One file a lint. Pure: facts of builds in, findings out; where facts come from is `ask`,
`observe` and `recover`.
"""

from qcompat.machine.audit.finding import Audit, Certainty, Severity
from qcompat.machine.audit.registry import audit

__all__ = ["Audit", "Certainty", "Severity", "audit"]
