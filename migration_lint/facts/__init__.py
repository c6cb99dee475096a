"""What a rule may ask: events, and the typed facts that each of them carries."""
