"""Check, repair, backup, restore, past: what only a vault of files can do."""
