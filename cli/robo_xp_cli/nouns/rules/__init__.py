"""The nouns ``reward``, ``multiplier`` and ``no-xp``."""
