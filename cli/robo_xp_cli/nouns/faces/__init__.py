"""What people look at: cards and pages."""
