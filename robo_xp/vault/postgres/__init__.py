"""The vault on PostgreSQL: the same lines as on files, in tables that others operate."""
