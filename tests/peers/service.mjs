// A service on npm's openid-client. One argument, in JSON:
//   { port, home, issuer, registrations: { NAME: { client_id, client_secret, method, alg } } }
//
//   /NAME/login      goes to the broker; parameters of the address are added to the request
//   /NAME/callback   comes back, and shows what it got: { claims, id_token, scope }, or { error, … } of openid-client
//   /NAME/userinfo   asks for the claims again with the same access token
//   /NAME/logout     ends the session here, and goes to the broker's logout
//   /                where the broker brings people after logout

import './localhost.mjs';
import { createServer } from 'node:http';
import * as oidc from 'openid-client';

const { port, home, issuer, registrations } = JSON.parse(process.argv[2]);

const METHODS = { basic: oidc.ClientSecretBasic, post: oidc.ClientSecretPost, none: oidc.None };

function connect({ client_id, client_secret, method, alg }) {
  // Our userinfo is a signed JWT: openid-client must be told its algorithm.
  const metadata = { client_secret, id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg };
  return oidc.discovery(new URL(issuer), client_id, metadata, METHODS[method](client_secret), {
    // The second one makes openid-client verify the signatures of ID token and userinfo; without it, it trusts TLS.
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
}

const sessions = new Map();

async function login(config, name, url) {
  const checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
  const location = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${home}${name}/callback`,
    scope: 'openid identite_pivot preferred_username email',
    acr_values: 'eidas1',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...Object.fromEntries(url.searchParams),
  });
  const id = oidc.randomState();
  sessions.set(id, { checks });
  return { location, cookie: id };
}

async function callback(config, _name, url, session) {
  const tokens = await oidc.authorizationCodeGrant(config, url, session.checks);
  Object.assign(session, { tokens, claims: tokens.claims() }); // kept until logout, for the hint
  return { ...(await userinfo(config, _name, url, session)), id_token: session.claims, scope: tokens.scope };
}

async function userinfo(config, _name, _url, { tokens, claims }) {
  return { claims: await oidc.fetchUserInfo(config, tokens.access_token, claims.sub) };
}

async function logout(config, _name, _url, session) {
  const location = oidc.buildEndSessionUrl(config, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: home,
    state: 'state-of-the-logout',
  });
  return { location, cookie: '' };
}

const STEPS = { login, callback, userinfo, logout };

// What openid-client says: the broker's own error in the address, the body or the header, or the check that failed.
const failure = (error) => ({
  error: error.error ?? error.cause?.[0]?.parameters?.error ?? error.code ?? error.name,
  description: error.error_description ?? error.message,
  parameters: error.cause instanceof URLSearchParams ? Object.fromEntries(error.cause) : undefined,
});

async function answer(request, response) {
  const url = new URL(request.url, home);
  const [name, step] = url.pathname.slice(1).split('/');
  if (!name) {
    response.end(JSON.stringify({ home: Object.fromEntries(url.searchParams) }));
    return;
  }
  const id = /(?:^|; )peer=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  const shown = await STEPS[step](await configs[name], name, url, sessions.get(id)).catch(failure);
  if (shown.cookie !== undefined) response.setHeader('Set-Cookie', `peer=${shown.cookie}; Path=/; HttpOnly; SameSite=Lax`);
  if (shown.location) response.writeHead(303, { Location: shown.location.href }).end();
  else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(shown));
}

const named = Object.entries(registrations).map(async ([name, facts]) => [name, await connect(facts)]);
const configs = Object.fromEntries(await Promise.all(named));
createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, '127.0.0.1');
