"""Questionnaires: the questions of a model are declared at its columns, and everything else is derived from them.

`declaration` says what every declaration has, `question_types` what the types of questions add, and `questions` what is
derived for a version (a row that stores the answers). `form_fields` makes the field of a question, `forms` the WTForms
form; `posted_fields` changes what was posted, and `form_controller` is the page with that form. `drafts` compares a
draft with what was submitted, and `privacy_hints` finds passages that might identify somebody.
"""
