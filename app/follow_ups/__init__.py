"""Follow-ups: how it is now, told months later by the author of a story.

Doors: `telling` (send one, change it), `drafts`, `writing` (the page with the form), `reading` (a story's timeline,
whom to ask), `answers`, `models`, `forms`.
"""
