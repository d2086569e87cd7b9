"""The client API of Mastodon: what its apps call, answered by the services of Chirp."""
