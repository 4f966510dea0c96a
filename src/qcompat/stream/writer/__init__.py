"""Writing streams: from a model (`writer`), or again from what was read (`rewriting`)."""
