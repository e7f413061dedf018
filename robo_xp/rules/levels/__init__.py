"""Level curves: what a level costs, and the level of a total."""
