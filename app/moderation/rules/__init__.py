"""The screening rules: editing them, and trying them in a dry run."""
