"""The noun ``config``: settings of a guild, and the global ones."""
