"""What pages and lists cost the readers with most to sort out, on a large site."""
