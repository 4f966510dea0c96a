"""What differs in two migration streams: sections, their layout, values and subsections."""
