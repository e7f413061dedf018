"""How commands are declared and parsed; no word of Robo XP stands here."""
