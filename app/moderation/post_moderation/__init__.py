"""Comments that are published at once and read afterwards."""
