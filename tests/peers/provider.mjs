// An identity provider on npm's oidc-provider. One argument, in JSON:
//   { port, issuer, clients: [ the metadata of its clients, as oidc-provider takes them ] }
// A citizen logs in with one post of `account` and `acr`, or leaves with `cancel`; there is no password.

import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const { port, issuer, clients } = JSON.parse(process.argv[2]);

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

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'provider-1' }] },
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
  enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
  features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true } },
  cookies: { keys: ['of-this-run-alone'] },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, account) => ({ accountId: account, claims: () => ({ sub: account, ...person(account) }) }),
  // Who logs in here has agreed to the one client that there is.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
    grant.addOIDCScope('openid profile birth email');
    await grant.save();
    return grant;
  },
});

const PAGE = `<!doctype html><title>Log in</title>
<form method="post"><input name="account"><input name="acr" value="eidas1"><button>Log in</button></form>
<form method="post"><button name="cancel" value="yes">Leave</button></form>`;

async function form(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function interact(request, response) {
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

const others = provider.callback();

createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return others(request, response);
  return interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, '127.0.0.1');
