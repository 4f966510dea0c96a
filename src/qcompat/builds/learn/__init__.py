"""What a build says of itself and carries in its files, without any guest."""
