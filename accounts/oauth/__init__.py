"""OAuth 2 for apps of others: registered apps, the consent of an account, and tokens."""
