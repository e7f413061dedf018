"""Use cases about members as persons: hidden or not, what is kept about them, erasure."""
