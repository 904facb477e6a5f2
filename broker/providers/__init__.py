"""Who vouches: one file for each kind of identity provider."""
