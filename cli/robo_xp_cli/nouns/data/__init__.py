"""Stores, guilds, history, transfer, backups and the vault."""
