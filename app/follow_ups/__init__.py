"""Follow-ups: how it is now, told by the author of a story months later.

Doors: `telling` (send one, change it), `reading` (a story's timeline, whom to ask), `answers`, `models`, `forms`.
"""
