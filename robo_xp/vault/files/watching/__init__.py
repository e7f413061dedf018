"""Hearing from the kernel what changes in the data folder."""
