"""What every room of the daemon may use; it imports none of them."""
