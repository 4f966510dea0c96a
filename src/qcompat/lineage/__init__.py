"""What a guest carries until it powers off: the builds it has run on, and its marks."""
