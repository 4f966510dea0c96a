"""The guest's processors: how many, of which model, with which CPUID."""
