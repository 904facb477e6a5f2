// Services on a library of others. One argument, in JSON:
//   { port, home, issuer, registrations: { NAME: { library, client_id, client_secret, method, alg, sign, encrypt, pushed, signed } } }
// `sign` and `encrypt` are algorithms of keys that are made here, "" for none; `pushed` and `signed` are how requests travel.
//
//   /NAME/login      goes to the broker; parameters of the address are added to the request
//   /NAME/callback   comes back, and shows what it got: { claims, id_token, scope, encrypted }, or { error, … } of the library
//   /NAME/userinfo   asks for the claims again with the same access token
//   /NAME/revoke     gives the access token back
//   /NAME/logout     ends the session here, and goes to the broker's logout; parameters as above
//   /NAME/jwks       its public keys
//   /                where the broker brings people after logout

import './localhost.mjs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import * as jose from 'jose';
import * as oauth4webapi from './clients/oauth4webapi.mjs';
import * as openidClient from './clients/openid_client.mjs';

const { port, home, issuer, registrations } = JSON.parse(process.argv[2]);

const LIBRARIES = { 'openid-client': openidClient, oauth4webapi };

// -- keys

async function newKey(alg, use) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  return { privateKey, kid, jwk: { ...(await jose.exportJWK(publicKey)), kid, use, alg } };
}

async function newKeys({ sign, encrypt }) {
  return {
    ...(sign && { signing: await newKey(sign, 'sig') }),
    ...(encrypt && { opening: await newKey(encrypt, 'enc') }),
  };
}

// -- what a service does

const sessions = new Map();

async function login({ client, name, url }) {
  const given = Object.fromEntries(url.searchParams);
  const checks = { ...client.newChecks(), ...(given.state && { expectedState: given.state }) };
  const redirect_uri = `${home}${name}/callback`;
  const location = await client.login({
    redirect_uri,
    scope: 'openid identite_pivot preferred_username email',
    acr_values: 'eidas1',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.challenge(checks),
    code_challenge_method: 'S256',
    ...given,
  });
  const id = randomUUID();
  sessions.set(id, { checks, redirect_uri, maxAge: given.max_age && Number(given.max_age) });
  return { location, cookie: id };
}

async function callback({ client, request, session }) {
  session.tokens = await client.finish(request, session); // kept until logout, for the hint
  const { claims, scope, encrypted } = session.tokens;
  const told = await userinfo({ client, session });
  return { claims: told.claims, id_token: claims, scope, encrypted: { id_token: encrypted, userinfo: told.encrypted } };
}

const userinfo = ({ client, session }) => client.userinfo(session.tokens);

async function revoke({ client, session }) {
  await client.revoke(session.tokens);
  return { revoked: true };
}

async function logout({ client, url, session }) {
  const location = await client.logout({
    id_token_hint: session.tokens.hint,
    post_logout_redirect_uri: home,
    state: 'state-of-the-logout',
    ...Object.fromEntries(url.searchParams),
  });
  return { location, cookie: '' };
}

const jwks = ({ keys }) => ({ keys: Object.values(keys).map((key) => key.jwk) });

const STEPS = { login, callback, userinfo, revoke, logout, jwks };

// What a library says: the broker's own error in the address, the body or the header, or the check that failed.
const failure = (error) => ({
  error: error.error ?? error.cause?.[0]?.parameters?.error ?? error.code ?? error.name,
  description: error.error_description ?? [error.message, error.cause?.message].filter(Boolean).join(': '),
  parameters: error.cause instanceof URLSearchParams ? Object.fromEntries(error.cause) : undefined,
});

// -- the server

async function received(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { method, headers } = request;
  const body = method === 'POST' ? Buffer.concat(parts) : undefined;
  return new Request(new URL(request.url, home), { method, body, headers: { 'content-type': headers['content-type'] ?? '' } });
}

// None, for the answer that comes in a form is a post from another site.
const cookie = (value) => `peer=${value}; Path=/; HttpOnly; Secure; SameSite=None`;

async function answer(incoming, response) {
  const request = await received(incoming);
  const url = new URL(request.url);
  const [name, step] = url.pathname.slice(1).split('/');
  if (!name) {
    response.end(JSON.stringify({ home: Object.fromEntries(url.searchParams) }));
    return;
  }
  const id = /(?:^|; )peer=([^;]*)/.exec(incoming.headers.cookie ?? '')?.[1];
  const { client, keys } = services[name];
  const act = async () => STEPS[step]({ client: await client(), keys, name, url, request, session: sessions.get(id) });
  const shown = await act().catch(failure);
  if (shown.cookie !== undefined) response.setHeader('Set-Cookie', cookie(shown.cookie));
  if (shown.location) response.writeHead(303, { Location: shown.location.href }).end();
  else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(shown));
}

const services = {};
for (const [name, facts] of Object.entries(registrations)) {
  const keys = await newKeys(facts);
  let connected;
  const client = () => (connected ??= LIBRARIES[facts.library].connect({ ...facts, issuer }, keys));
  services[name] = { client, keys };
}
createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, '127.0.0.1');
