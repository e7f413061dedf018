"""The rules of XP: plain values in, a decision out. No clock, no chance, no files."""
