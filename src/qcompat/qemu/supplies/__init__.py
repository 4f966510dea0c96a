"""What a QEMU is supplied with at its start: peers behind its sockets, files of a given size.

A guest's arguments name them by `names`, the same on every machine; `launch` puts what it opened
for this one QEMU in their place.
"""
