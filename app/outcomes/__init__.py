"""Summaries of outcomes: what the stories say in numbers, for every condition and treatment.

`counting` keeps the counts up to date and `cells` stores them, `figures` turns counts into shares with intervals,
`summaries` is what a page shows. Small numbers are withheld.
"""
