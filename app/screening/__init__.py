"""Screening: what a text contains that a person should look at before others read it.

Pure functions over text, without models, used by the privacy hints of the forms and by the moderators' signals.
Positions are those in the text as it was given. Every search takes time in proportion to the length of the text.

`marks` defines what is found, `personal_details` finds what might identify somebody (with `names`, `contacts`, `places`
and `dates`), `crisis` finds that somebody may be in danger, `wording` instructions, advertising and shouting,
`word_list` listed words, `phrases` phrases however they are spelt, `near_duplicates` texts that are nearly the same.
`help_lines` reads the file of help lines.
"""
