"""The connection to Discord, and everything fragile about discord.py."""
