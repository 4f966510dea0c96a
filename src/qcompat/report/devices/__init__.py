"""What hosts offer a guest's devices, as text, domain XML and JSON."""
