// A service on npm's oauth4webapi that asks a data provider: its token is for that one alone, and bound to a key.
// One argument, in JSON: { issuer, client_id, client_secret, redirect_uri, scope, resource }. It says where the browser goes,
// reads where it came back, and says what it got: { tokens, data, bearer, userinfo }, the last two the errors of a use
// without the key and at another address.

import './localhost.mjs';
import { createInterface } from 'node:readline';
import * as oauth from 'oauth4webapi';

const { issuer, client_id, client_secret, redirect_uri, scope, resource } = JSON.parse(process.argv[2]);
const insecure = { [oauth.allowInsecureRequests]: true };
const client = { client_id, id_token_signed_response_alg: 'RS256' };
const authentication = oauth.ClientSecretPost(client_secret);

const found = await oauth.discoveryRequest(new URL(issuer), insecure);
const as = await oauth.processDiscoveryResponse(new URL(issuer), found);
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];

const location = new URL(as.authorization_endpoint);
location.search = new URLSearchParams({
  response_type: 'code',
  client_id,
  redirect_uri,
  scope,
  state,
  nonce,
  resource,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  dpop_jkt: await DPoP.calculateThumbprint(),
});
console.log(JSON.stringify(location.href));
const { value: came } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();

const parameters = oauth.validateAuthResponse(as, client, new URL(came), state);
const options = { ...insecure, DPoP, additionalParameters: { resource } };
const grant = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, redirect_uri, verifier, options);
const tokens = await oauth.processAuthorizationCodeResponse(as, client, grant, { expectedNonce: nonce, requireIdToken: true });

const call = (url, how) => oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(url), undefined, undefined, how);
const refusal = (error) => error.cause?.[0]?.parameters?.error ?? error.code ?? error.name;
const data = await (await call(resource, { ...insecure, DPoP })).json();
const bearer = await call(resource, insecure).catch(refusal);
const userinfo = await call(as.userinfo_endpoint, { ...insecure, DPoP }).catch(refusal);
console.log(JSON.stringify({ tokens: { type: tokens.token_type, scope: tokens.scope }, data, bearer, userinfo }));
process.exit();
