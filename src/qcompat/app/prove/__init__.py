"""A real migration over a chain of builds, on demand."""
