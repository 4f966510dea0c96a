"""Having the facts of a tree: from a directory, a git revision or a patch, kept once read.

The running half of `source`: files, processes and the cache. What was read is kept by the hash
of a file's content, so that a second tree, or a revision later, reads only what differs.
"""
