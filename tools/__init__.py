"""What the checkout is worked on with; an install has none of it."""
