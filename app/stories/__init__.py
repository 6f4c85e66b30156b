"""Stories: which treatments people tried, and how well they worked.

`questions` declares the questions and the models of revisions, `answers` the choices; `authoring` submits, edits and
withdraws stories; `queries` reads them; `policy` defines who may do what; `drafts` keeps drafts, `unlisted_names`
settles names that are not in the vocabulary, `thanks` counts thanks, and `erasure` removes texts and answers.
"""
