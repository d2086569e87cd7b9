"""The API of timelines that need more than tweets: home."""
