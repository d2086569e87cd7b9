"""How fast Chirp is, beside its floors and its peers: `script/bench`, explained in README.md here."""
