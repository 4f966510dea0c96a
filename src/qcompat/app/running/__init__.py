"""What users ask of a guest while it runs."""
