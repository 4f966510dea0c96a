"""Stand-ins for what a guest's configuration takes from its host.

One file per kind of backend; each has a function `replace`, from all options of a guest to all
options with the backends of that kind replaced. A stand-in offers the guest what the real
backend offers, opens no file or device of the user, and works on every build from 5.2 on. What it
cannot offer becomes an `Uncovered`.
"""
