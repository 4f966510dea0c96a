"""Lints over compat tables: what makes old machine types differ from what they were.

One file a lint. Pure: facts of builds in, findings out; the facts come from `ask`, `observe` and
`recover`.
"""

from qcompat.machine.audit.finding import Audit, Certainty, Severity
from qcompat.machine.audit.registry import audit

__all__ = ["Audit", "Certainty", "Severity", "audit"]
