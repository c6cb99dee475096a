"""What ten tools that judge migrations check, beside what is checked here."""
