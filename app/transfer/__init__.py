"""Transfer: what comes into the site from files.

Doors: `importing` (a table of stories, by a mapping), `mapping` (the mapping language), `commands`.
"""
