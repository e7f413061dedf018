"""What both programs agree about this machine: configuration file, folders, locks, token."""
