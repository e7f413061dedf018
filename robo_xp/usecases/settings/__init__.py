"""Use cases that change what holds in a guild or everywhere."""
