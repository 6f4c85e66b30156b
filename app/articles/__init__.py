"""Articles and comparisons.

Doors: `publishing` (publish a version), `models`. Written in files for now; the editors' desk comes later.
"""
