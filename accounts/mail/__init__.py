"""E-mails to accounts: what they say, their way through the outbox, and where they are kept."""
