"""A judgement: whether a guest can migrate, and back."""
