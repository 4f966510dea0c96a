"""CPU features by name: spellings, what each needs, the state it carries, the x86-64 levels.

The tables are data: `names.json` is recovered from builds by `tools/cpu_models.py`, the others
cite the file of QEMU, of Linux or the manual that they were read in.
"""
