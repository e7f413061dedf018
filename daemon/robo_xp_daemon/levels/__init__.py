"""From a batch to role rewards and announcements."""
