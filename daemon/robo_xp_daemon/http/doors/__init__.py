"""Where HTTP is listened to, and who asks."""
