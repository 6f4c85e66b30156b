"""Follow-ups: how it is now, told months later by the author of a story.

`models` declares what is asked; `authoring` sends and changes follow-ups; `queries` reads a story's timeline and finds
out whom to ask; `drafts` and `erasure` do what their names say.
"""
