"""One file a figure, each against the peer it is measured with in the same run."""
