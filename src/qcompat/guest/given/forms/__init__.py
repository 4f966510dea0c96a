"""The forms in which a guest can be given, one module each."""
