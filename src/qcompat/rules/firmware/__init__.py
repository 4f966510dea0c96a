"""What firmware is handed, and finds at the next reset."""
