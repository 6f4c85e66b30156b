"""What is measured: each file prints a table, beside a yardstick taken in the same run, since machines are noisy.

Start them with `make bench-...`. They change nothing but folders of their own.
"""
