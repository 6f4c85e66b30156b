"""Sanctions against people."""
