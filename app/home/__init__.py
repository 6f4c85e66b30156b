"""The front page and the pages about the site.

Doors: `pages` (texts of the site), `views`.
"""
