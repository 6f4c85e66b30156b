"""Statistics of moderation: response times, outcomes, and the public transparency page."""
