"""Whole sessions: copied between stores, exported, imported, backed up, deleted."""
