"""Stand-ins for what a guest's configuration takes from its host.

One file a kind of backend; each has one verb, `replace`, from all options of a guest to all
options with the backends of that kind replaced. A stand-in offers the guest what the real
backend offers, opens nothing of the user's, and is legal on every build from 5.2 on. What it
cannot offer is said in an `Uncovered`.
"""
