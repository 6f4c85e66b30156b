"""Post-moderation: comments that are published at once and read by a moderator later."""
