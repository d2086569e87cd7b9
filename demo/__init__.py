"""The demo: a town of made-up people who follow, post, answer, repost, quote and like."""
