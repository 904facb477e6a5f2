"""eIDAS SAML as a library. Empty until the first country is connected."""
