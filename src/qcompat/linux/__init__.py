"""The Linux that guests boot: Debian's kernel, its modules, and a user space of scripts."""
