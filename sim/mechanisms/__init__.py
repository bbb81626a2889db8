"""One behaviour a file. Mechanisms never import each other: they meet in the columns they declare."""
