"""Use cases about members' XP: award, change, look at, rank."""
