"""Other people's code that does the same job, in environments of its own."""
