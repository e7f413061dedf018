"""The nouns ``daemon`` and ``service``."""
