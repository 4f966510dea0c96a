"""QEMUs and monitors that answer as no QEMU does: `python -m tools.attack.hostile`."""
