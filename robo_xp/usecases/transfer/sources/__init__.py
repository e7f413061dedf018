"""One reader a source: how its files are recognised and read, its curve, rewards and settings."""
