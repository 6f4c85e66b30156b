"""What the stories add up to, for every condition and treatment; small numbers are withheld.

Doors: `counting` (keep the counts true; `tallying` writes them), `figures` (from counts to shares and intervals),
`reading` (what a page shows), `commands`.
"""
