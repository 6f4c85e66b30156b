"""Comments in threads, on articles, topics and stories.

Doors: `threads` (write, edit, count), `reading` (a page of a thread, and where a comment is found), `forms`, `models`.
"""
