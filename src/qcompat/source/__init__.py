"""QEMU's source: properties, compat tables and vmstate descriptions, and lints of a change.

`read` turns one file into facts, `tree` links the facts of all files, `lint` judges two
trees; all three are pure. `obtain` walks directories, git revisions and patches and keeps
what was read. What could not be followed is counted and named, never guessed.
"""
