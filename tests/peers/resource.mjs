// Data providers on npm's oauth4webapi. One argument, in JSON:
//   { port, issuer, keyed: CLIENT_ID, secret: { client_id, client_secret } }
//
//   /jwks            the public keys of the first one
//   /sealed          it says who it is by its key, and is answered in a JWT that is encrypted for it
//   /signed, /plain  the second one by its secret, answered in a JWT and in JSON
//
// Each has the token of the request checked, and shows what it found: { found }, or 401 and { error } of oauth4webapi.

import './localhost.mjs';
import { createServer } from 'node:http';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const { port, issuer, keyed, secret } = JSON.parse(process.argv[2]);
const insecure = { [oauth.allowInsecureRequests]: true };

const signing = await jose.generateKeyPair('ES256');
const decrypting = await jose.generateKeyPair('ECDH-ES', { crv: 'P-256' });
const publicOf = async (key, facts) => ({ ...(await jose.exportJWK(key)), ...facts });
const jwks = {
  keys: [
    await publicOf(signing.publicKey, { kid: 'peer-sig', use: 'sig', alg: 'ES256' }),
    await publicOf(decrypting.publicKey, { kid: 'peer-enc', use: 'enc', alg: 'ECDH-ES' }),
  ],
};
const opened = async (jwe) => new TextDecoder().decode((await jose.compactDecrypt(jwe, decrypting.privateKey)).plaintext);
const signed = { introspection_signed_response_alg: 'ES256' };

const WAYS = {
  '/sealed': {
    client: { client_id: keyed, ...signed },
    authentication: oauth.PrivateKeyJwt({ key: signing.privateKey, kid: 'peer-sig' }),
    options: { [oauth.jweDecrypt]: opened },
  },
  '/signed': { client: { client_id: secret.client_id, ...signed }, authentication: oauth.ClientSecretPost(secret.client_secret) },
  '/plain': { client: { client_id: secret.client_id }, authentication: oauth.ClientSecretBasic(secret.client_secret) },
};

async function check({ client, authentication, options }, token) {
  const found = await oauth.discoveryRequest(new URL(issuer), insecure);
  const as = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const response = await oauth.introspectionRequest(as, client, authentication, token, insecure);
  const result = await oauth.processIntrospectionResponse(as, client, response, options);
  // Without this it trusts TLS, not the signature.
  if (client.introspection_signed_response_alg) await oauth.validateApplicationLevelSignature(as, response, insecure);
  return result;
}

async function answer(request, response) {
  const say = (status, shown) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(shown));
  if (request.url === '/jwks') return say(200, jwks);
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  try {
    const found = await check(WAYS[request.url], token);
    return say(found.active ? 200 : 401, { found });
  } catch (error) {
    return say(503, { error: error.error ?? error.code ?? error.name, description: error.message });
  }
}

createServer(answer).listen(port, '127.0.0.1');
