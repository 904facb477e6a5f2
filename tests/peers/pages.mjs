// Pages around the Node example of docs/fs/integrate.md: a home with a link in or out, a callback, an account.
// Arguments: the path of the example, the port.

import './localhost.mjs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [, , path, port] = process.argv;
const { login, callback, logout } = await import(pathToFileURL(path));
const home = `http://localhost:${port}/`;
const sessions = new Map();

// Time passes at once: the broker's clock is put forward as well.
const clock = Date.now;
let later = 0;
Date.now = () => clock() + later;

const PAGES = {
  '/later': (_session, url) => {
    later += 1000 * Number(url.search.slice(1));
    return { text: '' };
  },
  '/': ({ who }) => ({ text: who ? `Hello ${who}. <a href="/leave">Sign out</a>` : '<a href="/enter">Sign in</a>' }),
  '/account': ({ who }) => (who ? { text: `Hello ${who}. <a href="/leave">Sign out</a>` } : { to: home }),
  '/enter': async (session) => ({ to: (await login(session)).href }),
  '/cb': async (session, url) => {
    const claims = await callback(session, url);
    session.who = `${claims.given_name} ${claims.family_name}`;
    return { to: `${home}account` };
  },
  '/leave': (session) => {
    const to = logout(session).href;
    delete session.who;
    return { to };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, home);
  const id = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  response.setHeader('Set-Cookie', `session=${id}; Path=/; HttpOnly; SameSite=Lax`);
  try {
    const { to, text } = await PAGES[url.pathname](sessions.get(id), url);
    if (to) response.writeHead(303, { Location: to }).end();
    else response.setHeader('Content-Type', 'text/html; charset=utf-8').end(text);
  } catch {
    response.writeHead(400).end('It did not work.');
  }
}).listen(Number(port), 'localhost');
console.log('ready');
