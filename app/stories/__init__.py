"""Stories: what people tried and how it went.

Doors: `authoring` (drafts, sending, editing, withdrawing), `forms`, `models`, `experience` (the structured answers).
"""
