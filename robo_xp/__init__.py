"""Robo XP: levels, boards and giveaways for Discord guilds."""

__version__ = "0.1.0"
