"""Notices to people, and the status of what they submitted.

`notices` creates, counts and marks notices, `submissions` collects what is shown under 'Your contributions', and
`submission_status` says what became of each contribution. Notices appear on the site; e-mail may follow.
"""
