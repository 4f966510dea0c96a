"""Reading what a host gives from files: our captures, QMP replies, libvirt's domain capabilities.

All become a `HostCapture`; which a file is is told by its content (`recognise`).
"""
