"""What a portrait holds."""
