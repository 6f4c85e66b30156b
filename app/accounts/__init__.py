"""People and their accounts.

`registration` creates accounts and sets passwords, `sessions` logs people in and out, `models` has Person and
LoginSession, `commands` the commands `flask accounts ...`.
"""
