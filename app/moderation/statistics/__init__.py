"""Figures about moderation: response times, outcomes, the public transparency page."""
