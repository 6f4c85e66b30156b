"""The demonstration site: invented people, what they wrote, and the pages they wrote it under.

Doors: `commands` (`flask seed`), `loading` (the content, through the verbs of real people), `content` (the files).
"""
