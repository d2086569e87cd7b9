"""Results of searches as JSON."""

from api.presenters.tweets import TweetSerializer
from api.schema import page_of

SearchPageSerializer = page_of(TweetSerializer)
