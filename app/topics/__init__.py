"""Topics: conditions, treatments, effects and concepts; their pages and the names they go by.

Doors: `vocabulary` (find by any name, add names, import), `pages` (publish an overview), `requests` (what
readers miss), `models`, `commands`.
"""
