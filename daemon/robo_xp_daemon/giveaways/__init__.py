"""Giveaways on Discord: their messages and buttons, their ends, and what winners are told."""
