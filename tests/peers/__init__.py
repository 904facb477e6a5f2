"""Passerelle against OpenID Connect and SAML software of others."""
