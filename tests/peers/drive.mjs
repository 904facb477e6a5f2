// Plays a service around the Node example of docs/fs/integrate.md, whose path is the argument. Says where the browser goes,
// reads where it came back, says the claims and where the browser goes to sign out: a line of JSON each.

import './localhost.mjs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { login, callback, logout } = await import(pathToFileURL(process.argv[2]));
const session = {};
console.log(JSON.stringify((await login(session)).href));
const { value: came } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();
const claims = await callback(session, new URL(came));
console.log(JSON.stringify({ claims, logout: logout(session).href }));
process.exit();
