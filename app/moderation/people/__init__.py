"""People as staff see them: author history, notes, sanctions."""
