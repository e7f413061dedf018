"""The noun ``period``."""
