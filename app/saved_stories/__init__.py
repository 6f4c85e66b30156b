"""Stories that readers save to read again: in their account, or in their browser without one."""
