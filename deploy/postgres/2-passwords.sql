-- The password in .env is that of Chirp's role. The superuser has none, so it can connect only
-- within the container, over the socket.
\getenv password POSTGRES_PASSWORD
ALTER ROLE chirp PASSWORD :'password';
ALTER ROLE postgres PASSWORD NULL;
