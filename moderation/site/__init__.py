"""What administrators write for everybody: about the site, its rules, and announcements."""
