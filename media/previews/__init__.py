"""Link previews: title, description and picture of the page that a tweet links to."""
