"""Compat tables of builds that do not report theirs, from the values of running devices.

Only builds since 9.1 report their tables (`query-machines compat-props`, QAPI since 9.1); for
older ones the table follows from how the same device differs between machine types. Pure:
`observe` makes the observations.
"""

from qcompat.machine.recover.reach import Reach
from qcompat.machine.recover.recovery import Recovered, recover

__all__ = ["Reach", "Recovered", "recover"]
