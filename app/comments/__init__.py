"""Comments in threads, on articles, topics and stories.

Doors: `threads` (write, edit, withdraw, read as a tree), `forms`, `models`.
"""
