"""Attacks that are counted: kills at random moments (`kills`) and hostile QEMUs (`hostile`).

What a run left behind is judged by `witness`, which asks the kernel and the files, not qcompat.
"""
