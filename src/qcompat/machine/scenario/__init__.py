"""Migrations on paper: builds, hosts and guests described in a file, worked out without QEMU.

A scenario shows the author of a compat entry, before it is written, which migrations it repairs
and which guests it does not help. From Python:

    from qcompat.machine.scenario.read import read
    from qcompat.machine.scenario.work_out import work_out

    worked = work_out(read(text))
    worked.before.cell("disk", "5.1.0", "5.2.0").verdict   # "blocked"
    worked.after.chain("through 5.2").verdict              # "ok"
    worked.holds                                           # whether all expectations do

`read` reads the TOML, `model` has the nouns, `effective` applies the layers of properties,
`migrate` says what a guest shows at one end and whether it can go to another, and `work_out`
carries its state along a chain.
"""
