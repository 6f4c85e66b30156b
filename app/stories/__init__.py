"""Stories: what people tried and how it went.

`questions` declares what is asked and keeps the versions, `answers` the choices; `authoring` sends, edits and
withdraws; `drafts`, `unlisted_names`, `thanks` and `erasure` do what their names say; `queries` reads.
"""
