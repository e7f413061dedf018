"""The nouns ``xp`` and ``leaderboard``."""
