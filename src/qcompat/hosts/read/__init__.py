"""Reading what a host gives from files: our captures, QMP replies, libvirt's domain capabilities.

All become a `HostCapture`; `recognise` tells the kind of a file by its content.
"""
