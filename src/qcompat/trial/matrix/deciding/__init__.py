"""From outcomes to settled cells, and to what is tried next. Pure: nothing here runs a QEMU."""
