"""Single sign-on by OpenID Connect: an organisation's provider says who somebody is."""
