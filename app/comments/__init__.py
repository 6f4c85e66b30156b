"""Comments in threads, on articles, topics and stories.

`authoring` submits, edits and counts comments, `threads` reads a page of a discussion and finds the page of a comment.
"""
