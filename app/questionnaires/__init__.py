"""Questionnaires: the questions of a model are declared at its columns, and everything else is derived from them.

`questions` has the types of questions and what is derived for a version (a row that stores the answers), `forms` the
WTForms form, `form_controller` the page with that form, `drafts` compares a draft with what was submitted, and
`privacy_hints` finds passages that might identify somebody.
"""
