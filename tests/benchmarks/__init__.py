"""Figures, measured by hand with ``./dev bench``. Nothing here is a test or runs in CI."""
