"""Who may have an account: the terms of registration, invitations, and those who wait."""
