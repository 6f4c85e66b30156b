"""Sanctions against people: warnings, suspensions and bans."""
