"""What the tests are made and judged with: closed sockets, a private PostgreSQL, and rules that can be turned off."""
