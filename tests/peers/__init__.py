"""Passerelle against OpenID Connect software of others."""
