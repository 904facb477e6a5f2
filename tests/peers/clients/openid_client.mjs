// A service on npm's openid-client: everything that it does with the broker. `facts` and `keys` as service.mjs has them.

import * as oidc from 'openid-client';

const METHODS = {
  client_secret_basic: (facts) => oidc.ClientSecretBasic(facts.client_secret),
  client_secret_post: (facts) => oidc.ClientSecretPost(facts.client_secret),
  private_key_jwt: (_facts, { signing }) => oidc.PrivateKeyJwt({ key: signing.privateKey, kid: signing.kid }),
  none: () => oidc.None(),
};

// Our userinfo is a signed JWT: openid-client must be told its algorithm.
const metadata = ({ alg }) => ({ id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg });

export async function connect(facts, keys) {
  const { issuer, client_id, method, pushed, signed } = facts;
  const config = await oidc.discovery(new URL(issuer), client_id, metadata(facts), METHODS[method](facts, keys), {
    // The second one makes openid-client verify the signatures of ID token and userinfo; without it, it trusts TLS.
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  if (keys.opening) oidc.enableDecryptingResponses(config, ['A256GCM'], { key: keys.opening.privateKey, kid: keys.opening.kid });
  return {
    newChecks: () => ({
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
    }),
    challenge: ({ pkceCodeVerifier }) => oidc.calculatePKCECodeChallenge(pkceCodeVerifier),

    async login(parameters) {
      const key = signed && { key: keys.signing.privateKey, kid: keys.signing.kid };
      if (!pushed) return key ? oidc.buildAuthorizationUrlWithJAR(config, parameters, key) : oidc.buildAuthorizationUrl(config, parameters);
      const inObject = key && (await oidc.buildAuthorizationUrlWithJAR(config, parameters, key)).searchParams;
      return oidc.buildAuthorizationUrlWithPAR(config, inObject || parameters);
    },

    // `request` is the Request at the callback: a GET, or the POST of response_mode form_post.
    async finish(request, { checks, maxAge }) {
      const tokens = await oidc.authorizationCodeGrant(config, request, { ...checks, maxAge });
      const inside = oidc.getDecryptedResponses(tokens)?.id_token?.token_endpoint;
      return { ...tokens, claims: tokens.claims(), hint: inside ?? tokens.id_token, encrypted: Boolean(inside) };
    },

    async userinfo({ access_token, claims }) {
      const answer = await oidc.fetchUserInfo(config, access_token, claims.sub);
      return { claims: answer, encrypted: Boolean(oidc.getDecryptedResponses(answer)) };
    },

    revoke: ({ access_token }) => oidc.tokenRevocation(config, access_token),
    logout: (parameters) => oidc.buildEndSessionUrl(config, parameters),
  };
}
