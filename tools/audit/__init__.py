"""Other people's programs that look at the pages of a running site, and pictures of all of them."""
