"""What a log says: texts of QEMU and of its managers, read into causes and remedies.

Here a text is searched for the messages of the catalogue (`families/`, one file of data a family
of messages), what they say is decoded, and what is first is told from what only follows. Where the
text comes from and what a real check says to it is the caller's: everything here is pure.
"""
