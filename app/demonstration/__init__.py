"""The demonstration site: invented people, what they wrote, and the pages they wrote it under.

`content` reads the files, `loading` loads them through the same domain functions that people use, `commands` is
`flask seed`.
"""
