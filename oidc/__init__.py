"""OpenID Connect as a library, for both roles, without input or output.

Nothing here opens a socket, reads a clock or draws a random number: callers bring parameters as they were received, the
keys, what is expected, and `now`; they get frozen values, or an exception of `errors`. Each rule is one function
`check_*` that raises, and the readers list them in order, so that the law of an endpoint reads as a list.

We are the provider (a service relies on us):

    asked = provider.read_authorization(params, find_client, policy)    # Untrusted: show it here. AuthorizationRefused:
    provider.success(asked.state, code, issuer)                         #   send provider.refusal(…)
    provider.in_query(asked.redirect_uri, answer)                       # or a form that posts it, for form_post
    token = token_endpoint.read_token_request(form, authorization)      # OAuthError: answer it as JSON
    token_endpoint.check_authentication_method(token, client)           # comparing the secret is the caller's
    token_endpoint.check_code_client / _redirect / _verifier(binding, token)
    tokens.sign_jwt(claims, signer)
    dpop.read_proof(dpop.one_proof(headers), method=…, url=…, now=…)    # a key that the code, or the token, is bound to
    token_endpoint.check_code_key(binding, proof.thumbprint)
    token_endpoint.code_resource(binding, token, client)                # the data provider that the token is for
    scheme, access = token_endpoint.read_access_token(authorization, form)
    dpop.read_use(scheme, headers, access_token=access, key=jkt, …)
    introspection.read_introspection(form, authorization, query)        # a data provider checks a token
    introspection.introspection_jwt(introspection.active_answer(…), issuer, client_id, now, signer)
    revocation.read_revocation(form, authorization)
    logout.read_end_session(params, find_client, verify_hint)
    fetch(logout_token.logout_request(address, logout_token.logout_token(issuer, client_id, sid, jti, now, signer)))
    discovery.discovery_document(issuer, …)

We are the relying party (a provider vouches):

    metadata = discovery.read_discovery(document, issuer)
    client.authorization_url(metadata, registration, pending, scope, prompt)
    code = client.read_callback(params, pending.state, metadata.issuer, metadata.iss_in_answer)
    answer = client.read_token_answer(fetch(client.token_request(metadata, registration, pending, code)))
    keys = tokens.read_jwks(document)                                   # UnknownKey later: fetch them anew, once
    proven = client.read_id_token(answer.id_token, keys, metadata, registration, pending, answer.access_token, now)
    response = fetch(client.userinfo_request(metadata, answer.access_token))
    claims = client.read_userinfo(response, proven.sub, keys, metadata, registration)

Signatures are made over `tokens.Signer`, so the private key may live elsewhere; they are verified by joserfc, with our own
list of algorithms and never with what a token or a provider's metadata says. Authlib is not used: its grants want request,
client and token objects of their own shape, and its relying side takes the algorithms from the provider's metadata.
"""
