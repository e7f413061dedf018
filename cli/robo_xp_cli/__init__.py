"""The command line of Robo XP: parses, calls one use case of the core, shows what came back."""
