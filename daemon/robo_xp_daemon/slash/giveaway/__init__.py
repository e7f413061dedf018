"""The slash commands of giveaways."""
