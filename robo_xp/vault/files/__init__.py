"""The vault's engine on files: snapshot, journal, lock, archive."""
