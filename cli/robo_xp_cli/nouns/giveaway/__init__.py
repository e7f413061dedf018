"""The noun ``giveaway``."""
