"""Direct tweets as conversations: what each person has of them, and what they have not read."""
