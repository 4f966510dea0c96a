"""Migrations on paper: builds, hosts and guests described in a file, worked out without QEMU.

A scenario lets the author of a compat entry see, before it is written, which migrations it
mends and which guests stay stranded. From Python:

    from qcompat.machine.scenario.read import read
    from qcompat.machine.scenario.work_out import work_out

    worked = work_out(read(text))
    worked.before.cell("disk", "5.1.0", "5.2.0").verdict   # "blocked"
    worked.after.chain("through 5.2").verdict              # "ok"
    worked.holds                                           # whether all expectations do

`read` takes the TOML apart, `model` says what a scenario is, `effective` applies the layers of
properties, `birth` says what a guest shows at one end, `hop` whether it can go to another, and
`journey` carries its state along a chain.
"""
