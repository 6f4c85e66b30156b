"""Screening: what a text contains that a person should look at before others read it.

Pure functions over text, without models: the form of a story and the moderators' desk both ask here. Positions are
those of the text as it was given. Every search takes time in proportion to the length of the text.

Doors: `marks` (what a mark is), `identifying` (what might identify somebody), `crisis` (what asks for help), `telling`
(instructions, advertising, shouting), `wordlists` (words somebody listed), `likeness` (near-duplicates).
"""
