// A service on npm's oauth4webapi, as openid_client.mjs is one on openid-client. It leaves each step to its caller: what
// openid-client makes of it is not what somebody else makes of it.

import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const METHODS = {
  client_secret_basic: (facts) => oauth.ClientSecretBasic(facts.client_secret),
  client_secret_post: (facts) => oauth.ClientSecretPost(facts.client_secret),
  private_key_jwt: (_facts, { signing }) => oauth.PrivateKeyJwt({ key: signing.privateKey, kid: signing.kid }),
  none: () => oauth.None(),
};

const http = { [oauth.allowInsecureRequests]: true };

async function discover(issuer) {
  const asked = await oauth.discoveryRequest(new URL(issuer), http);
  return oauth.processDiscoveryResponse(new URL(issuer), asked);
}

const address = (endpoint, parameters) => new URL(`${endpoint}?${new URLSearchParams(parameters)}`);

const answer = async (request) => (request.method === 'POST' ? new URLSearchParams(await request.text()) : new URL(request.url));

export async function connect(facts, keys) {
  const { issuer, client_id, alg, method, pushed, signed } = facts;
  const as = await discover(issuer);
  const client = { client_id, id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg };
  const auth = METHODS[method](facts, keys);

  // The token inside an encrypted one; `seen` keeps it.
  const opening = (seen) => ({
    [oauth.jweDecrypt]: async (jwe) => {
      const options = { keyManagementAlgorithms: [facts.encrypt], contentEncryptionAlgorithms: ['A256GCM'] };
      const { plaintext } = await jose.compactDecrypt(jwe, keys.opening.privateKey, options);
      return (seen.inside = new TextDecoder().decode(plaintext));
    },
  });

  async function push(parameters) {
    const response = await oauth.pushedAuthorizationRequest(as, client, auth, parameters, http);
    return oauth.processPushedAuthorizationResponse(as, client, response);
  }

  return {
    newChecks: () => ({
      pkceCodeVerifier: oauth.generateRandomCodeVerifier(),
      expectedState: oauth.generateRandomState(),
      expectedNonce: oauth.generateRandomNonce(),
    }),
    challenge: ({ pkceCodeVerifier }) => oauth.calculatePKCECodeChallenge(pkceCodeVerifier),

    async login(parameters) {
      let asked = { client_id, response_type: 'code', ...parameters };
      const key = signed && { key: keys.signing.privateKey, kid: keys.signing.kid };
      if (key) asked = { client_id, request: await oauth.issueRequestObject(as, client, asked, key) };
      if (pushed) asked = { client_id, request_uri: (await push(asked)).request_uri };
      return address(as.authorization_endpoint, asked);
    },

    async finish(request, { checks, maxAge, redirect_uri }) {
      const given = oauth.validateAuthResponse(as, client, await answer(request), checks.expectedState);
      const verifier = checks.pkceCodeVerifier;
      const response = await oauth.authorizationCodeGrantRequest(as, client, auth, given, redirect_uri, verifier, http);
      const signature = response.clone();
      const seen = {};
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
        ...opening(seen),
        maxAge,
        expectedNonce: checks.expectedNonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(as, response, http);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      return { ...tokens, claims, hint: seen.inside ?? (await signature.json()).id_token, encrypted: Boolean(seen.inside) };
    },

    async userinfo({ access_token, claims }) {
      const response = await oauth.userInfoRequest(as, client, access_token, http);
      const seen = {};
      const told = await oauth.processUserInfoResponse(as, client, claims.sub, response, opening(seen));
      await oauth.validateApplicationLevelSignature(as, response, http);
      return { claims: told, encrypted: Boolean(seen.inside) };
    },

    async revoke({ access_token }) {
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, access_token, http));
    },

    logout: (parameters) => address(as.end_session_endpoint, { client_id, ...parameters }),
  };
}
