"""Answers to slash commands and clicks: rights, replies, errors, text."""
