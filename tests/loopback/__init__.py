"""Real servers on a loopback socket: an HTTPS server with its own authority, and proxies in front of it."""
