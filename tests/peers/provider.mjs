// Identity providers on npm's oidc-provider. One argument, in JSON, a list of
//   { port, issuer, client, pushed, logout }
// `client` is the metadata of its one client, as oidc-provider takes them; `pushed`: it takes pushed requests alone;
// `logout` false: it has no address for it. A citizen logs in with one post of `account` and `acr`, or leaves with `cancel`;
// there is no password. A POST to /rotate signs with the next key, and withdraws the one before: it shows both.

import './localhost.mjs';
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const PIVOT = ['given_name', 'family_name', 'gender', 'birthdate', 'birthplace', 'birthcountry'];
const PEOPLE = {
  angela: {
    given_name: 'Angela Claire Louise',
    family_name: 'DUBOIS',
    preferred_username: 'Martin',
    gender: 'female',
    birthdate: '1962-08-24',
    birthplace: '75107',
    birthcountry: '99100',
    email: 'angela@courriel.example',
  },
  // Born abroad, on a day that nobody wrote down.
  zoe: {
    given_name: 'Zoé',
    family_name: "D'Almeida-Sœur",
    gender: 'female',
    birthdate: '1976-02-00',
    birthplace: '',
    birthcountry: '99139',
    email: 'zoe@courriel.example',
  },
};

// Anybody else is somebody like Angela, whose family name is the account's.
const person = (account) => PEOPLE[account] ?? { ...PEOPLE.angela, family_name: account.toUpperCase() };

const PAGE = `<!doctype html><title>Log in</title>
<form method="post"><input name="account"><input name="acr" value="eidas1"><button>Log in</button></form>
<form method="post"><button name="cancel" value="yes">Leave</button></form>`;

const KEYS = { ES256: ['ec', { namedCurve: 'P-256' }], RS256: ['rsa', { modulusLength: 2048 }], PS256: ['rsa', { modulusLength: 2048 }] };

// Several keys of one algorithm: the first one signs, the others are published.
const newKeys = (alg) =>
  [1, 2].map((number) => {
    const jwk = generateKeyPairSync(...KEYS[alg]).privateKey.export({ format: 'jwk' });
    return { ...jwk, use: 'sig', alg, kid: `${alg}-${number}` };
  });

function providerOf({ issuer, client, pushed = false, logout = true }, keys) {
  const prefix = new URL(issuer).pathname.replace(/\/$/, '');
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys },
    acrValues: ['eidas1', 'eidas2'],
    scopes: ['openid', 'profile', 'birth', 'email'],
    claims: {
      openid: ['sub'],
      profile: [...PIVOT.slice(0, 4), 'preferred_username'],
      birth: PIVOT.slice(4),
      email: ['email'],
      amr: null, // names no scope: it is in the ID token of whoever asks for it
    },
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'RS256'],
      idTokenSigningAlgValues: ['ES256', 'RS256', 'PS256'],
      userinfoSigningAlgValues: ['ES256', 'RS256', 'PS256'],
      idTokenEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
      userinfoEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
      idTokenEncryptionEncValues: ['A256GCM', 'A128GCM'],
      userinfoEncryptionEncValues: ['A256GCM', 'A128GCM'],
    },
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      encryption: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: pushed },
      rpInitiatedLogout: { enabled: logout },
    },
    cookies: { keys: ['of-this-run-alone'] },
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options), // the dispatcher refuses to call this very machine
    interactions: { url: (_ctx, interaction) => `${prefix}/interaction/${interaction.uid}` },
    findAccount: (_ctx, account) => ({ accountId: account, claims: () => ({ sub: account, ...person(account) }) }),
    // Who logs in here has agreed to the one client that there is.
    async loadExistingGrant(ctx) {
      const { session, client } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid profile birth email');
      await grant.save();
      return grant;
    },
  });
  for (const place of ['pushed_authorization_request', 'authorization', 'grant', 'userinfo']) {
    provider.on(`${place}.error`, (_ctx, error) => console.log(place, error.message, error.error_detail ?? ''));
  }
  return provider;
}

async function form(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function interact(provider, request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html').end(PAGE);
    return;
  }
  const given = await form(request);
  const result = given.has('cancel')
    ? { error: 'access_denied', error_description: 'the citizen left' }
    : { login: { accountId: given.get('account'), acr: given.get('acr'), amr: ['pwd'] } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function serve(facts) {
  const keys = newKeys(facts.client.id_token_signed_response_alg);
  const prefix = new URL(facts.issuer).pathname.replace(/\/$/, '');
  let provider = providerOf(facts, keys);
  createServer((request, response) => {
    if (request.url === '/rotate') {
      provider = providerOf(facts, [keys.pop()]);
      response.end(JSON.stringify({ withdrawn: keys.map((key) => key.kid) }));
      return;
    }
    request.originalUrl = request.url; // below a path: oidc-provider finds the path by comparing the two
    request.url = request.url.slice(prefix.length);
    if (!request.url.startsWith('/interaction/')) {
      provider.callback()(request, response);
      return;
    }
    interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  }).listen(facts.port, '127.0.0.1');
}

JSON.parse(process.argv[2]).forEach(serve);
