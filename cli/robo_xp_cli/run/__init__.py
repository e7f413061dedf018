"""One run of a command: its options, its vault, its signals, its progress bars."""
