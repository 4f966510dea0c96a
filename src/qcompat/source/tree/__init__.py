"""The facts of all files of a tree, linked: names resolved, types chained, tables reached."""
