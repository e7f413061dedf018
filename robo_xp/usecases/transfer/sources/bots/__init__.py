"""Bots whose exports and answers are read."""
