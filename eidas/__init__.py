"""eIDAS SAML as a library without input or output: bytes, trusted certificates and what is expected go in, frozen values
come out, or `errors.Refused` is raised. It knows neither the broker nor OpenID Connect.

What exists is the floor that messages will stand on (the messages themselves, and the broker's use of them, come next):

    xml          the only parser (no DTD, entities, comments or processing instructions; bounds) and the only writer
    signature    enveloped signatures: RSASSA-PSS and ECDSA; `verify` returns the verified element, and only that is read
    query        the signatures of the HTTP-Redirect binding, over the query as it was written
    encryption   AES-GCM under RSA-OAEP or ECDH-ES with ConcatKDF and AES key wrap; several keys for a rollover
    keys         the three operations on private keys, so that a hardware token can stand behind them
    algorithms   what is allowed, by URI, and what only as a country's named deviation

The rules of a message are functions named `check_…`, one a rule, in `signature_rules` and `encryption_rules`; the readers
call them in order.
"""
