"""What others make of public pages: feeds, embedded tweets, previews of links, search engines.

Everything here shows what an anonymous visitor may see, whoever asks.
"""
