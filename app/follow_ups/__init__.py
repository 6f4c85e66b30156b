"""Follow-ups: months after a story, its author tells how things are now.

`models` declares the questions, `authoring` submits and edits follow-ups, `queries` reads the timeline of a story and
finds the authors who are due to be asked, `drafts` keeps drafts, and `erasure` removes texts and answers.
"""
