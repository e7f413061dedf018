"""XP in from other bots, and out to files."""
