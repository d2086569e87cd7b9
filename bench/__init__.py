"""How fast Chirp is, beside its floors and its peers: `script/bench`; README.md tells more."""
