"""Compat tables of builds that do not tell theirs, from what running devices said.

Only builds since 9.1 report their tables (`query-machines compat-props`, QAPI since 9.1); for
those before, a table is what makes the same device say something else under another machine
type. Pure: observing is `observe`, comparing with a reported table `agreement`.
"""

from qcompat.machine.recover.reach import Reach
from qcompat.machine.recover.recovery import Recovered, recover

__all__ = ["Reach", "Recovered", "recover"]
