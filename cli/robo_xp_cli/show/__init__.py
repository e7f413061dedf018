"""What is printed, and how; no use case is known here."""
