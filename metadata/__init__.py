"""The exchange of SAML metadata. Empty until the first country is connected."""
