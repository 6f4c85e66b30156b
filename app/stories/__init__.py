"""Stories: what people tried and how it went.

Doors: `authoring` (sending, editing, withdrawing), `drafts`, `reading`, `content` (what a version says), `experience`
(the structured answers), `telling` (the page with the form).
"""
