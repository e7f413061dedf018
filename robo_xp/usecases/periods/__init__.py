"""Days, weeks and months of a guild: what members gained in each, and what becomes of it."""
