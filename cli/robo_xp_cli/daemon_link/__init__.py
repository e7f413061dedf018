"""The running daemon, as the command line reaches it."""
