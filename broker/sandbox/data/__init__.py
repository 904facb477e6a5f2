"""Data providers (FD) of the simulated world, and how services call them.

Written on joserfc alone, from the RFCs and not from our own `oidc`: what any data provider and any service would write.
"""
