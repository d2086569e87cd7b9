"""The demo: a town of made-up people who follow, post, reply, repost, quote and like."""
