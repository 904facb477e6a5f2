"""eIDAS SAML as a library, without input or output: both messages of Message Format 1.4, and what they stand on.

It takes octets, keys and what the caller trusts; it returns frozen values, or raises `errors.Refused` with a `detail` for
the log. It knows no clock, no network and no file. What eIDAS Cryptographic Requirements 1.4 forbid is refused, unless the
caller names the deviation for this one partner (`algorithms.Compatibility`); what was needed is told in the result.

    octets = request.write_request(AuthnRequest(…), signer)          # a Connector asks
    proven = request.prove_request(octets, KnownConnector(…))        # a Proxy-Service: is it from that Connector?
    asked = request.read_proven(proven, KnownConnector(…))           # every other rule; request.refusal: what he is told
    octets = response.write_response(Envelope(…), Statement(…), recipient, signer)
    person = response.read_response(octets, Expected(…), decrypters)

Two rules are the caller's, who alone knows what came before: each ID is accepted once, and an answer belongs to the browser
that was sent. Address in SubjectConfirmationData is not looked at: it says nothing behind a translated network. Whether a
partner's certificate is in date, and by whom it is vouched for, is decided where its metadata is trusted.

What lies below:

    root = xml.parse(octets)                                 # small, UTF-8, no document type; comments are gone
    theirs = read_certificate(der)                           # once per process: it parses the key
    verified = signature.verify(root, [theirs])              # our rules first, then libxmlsec by that key alone
    inner = encryption.decrypt(verified.element.find(…), [decrypter])    # newest key first
    signature.verify(inner.element, [theirs])                # if the assertion is signed too

    signature.sign(element, signer)                          # in place: behind the Issuer, or first
    octets = xml.write(element)                              # as it stands; nothing may change after signing
    data = encryption.encrypt(assertion, read_certificate(der))          # EncryptedData, for one recipient
    query.sign_query("SAMLRequest", message, relay_state, signer)        # HTTP-Redirect; query.verify_query reads it

Read `verified.element` and nothing else of a message: it is a document of its own, it is what was verified, and whatever an
attacker wrapped around it is not in there. A decrypted element is a document of its own, too, for put back into the message
it could get other prefixes, which breaks its signature.

Private keys are used by three operations alone (`keys.Signer.sign`, `keys.Decrypter.unwrap_rsa` and `agree`), so that they
may lie in a hardware token; `LocalSigner` and `LocalDecrypter` hold them in memory.

    request           AuthnRequest; request_rules: what one must be
    response          Response; response_rules: what one must be
    assertion         what is inside; assertion_rules
    values            attributes; value_rules; address: CurrentAddress
    attributes        which attributes there are
    messages          the messages as values, and what is expected of them
    vocabulary        URIs
    schema            validity, before any signature is looked at
    binding           how messages travel through a browser
    times             moments
    xml               the only parser, the only writer; `self_test` at start
    algorithms        what may be used, by URI; deviations
    certificates      a partner's certificate: its key
    keys              our keys
    signature         XML signatures; signature_rules: what one must be like
    query             signatures of the HTTP-Redirect binding
    encryption        XML Encryption; transport and agreement: two ways to its key; encryption_rules: what it must be like
    errors            how something is refused
"""
