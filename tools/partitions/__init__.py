"""What pages cost as the table of tweets grows, whole and in partitions."""
