"""What giveaways are started with: terms, templates, times."""
