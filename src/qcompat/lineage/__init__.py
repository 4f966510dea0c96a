"""What a guest carries until it powers off: the builds it has lived on, and its marks."""
