"""Reading a stream: its records one by one (`reader`), or all of it as one value (`whole`)."""
