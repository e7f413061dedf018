"""The daemon, ``robo-xpd``: it may use the core, and never the command line."""
