"""Questionnaires: the questions of a model are declared at its columns, and everything else is derived from them.

`questions` has the types of questions and what is derived for a version (a row that keeps the answers), `forms` the
WTForms form, `form_controller` the page with that form, `drafts` what is kept of it before it is sent, `privacy_hints`
the remarks shown beside it.
"""
