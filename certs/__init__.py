"""Keys: what they are for, in which state they are, and where the private part lies.

`keys` is one key: only `Key.sign` touches the private part, so that a hardware token can stand behind it. `keyring` is a
folder of them, read and checked as a whole: `NAME.pem` (PKCS#8, mode 0600) with `NAME.toml` beside it, which says

    use = "op-signing"      # what it is for
    algorithm = "ES256"     # or "RS256", "PS256"
    state = "active"        # published: fetched by others, not used yet; active: signs; retiring: verifies what it signed
    created = 1790000000    # Unix seconds

To rotate: make a key (state published), wait until everybody has fetched the key set anew, make it active and the old one
retiring, and remove the old one when its last signature has expired. A reader of the folder sees each file whole.

    keyring = load_keyring(folder)                 # raises KeyRefused: path, reason, hint
    keyring.signing("ES256").sign(signing_input)   # the signature in JWS form
    keyring.jwks()                                 # what others fetch
"""
