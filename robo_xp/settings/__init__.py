"""Settings: the only place with a bound, a default, a unit or a label."""
