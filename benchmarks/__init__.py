"""Benchmarks. Each prints a table with a yardstick measured in the same run, because machines are noisy.

Start them with `make bench-...`. They write only to temporary folders of their own.
"""
