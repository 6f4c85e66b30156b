"""Transfer: what comes into the site from files.

`story_import` imports a table of stories according to a mapping, `mapping` defines what a mapping says, `commands` is
`flask stories import`.
"""
