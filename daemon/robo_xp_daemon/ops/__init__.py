"""Health, metrics, systemd, expiry: what operators see of the daemon."""
