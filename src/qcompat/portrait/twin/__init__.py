"""A twin is started so that it costs the same whatever the size of its guest.

`memory` decides how its RAM is held, `start` prepares the words that start it, `save` writes its
stream.
"""
