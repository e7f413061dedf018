"""The program itself: its tour, its completion."""
