// Plays the end of a service that is told of logouts, around the Node example of docs/fs/logout.md. Two arguments: the port, and
// the example's path. Says a line of JSON for each token: { sid }, or { error }.

import './localhost.mjs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [, , port, example] = process.argv;
const { told } = await import(pathToFileURL(example));

createServer(async (request, response) => {
  const token = new URLSearchParams(await text(request)).get('logout_token');
  try {
    await told(token, (sid) => console.log(JSON.stringify({ sid })));
    response.writeHead(200, { 'Cache-Control': 'no-store' }).end();
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
    response.writeHead(400, { 'Cache-Control': 'no-store' }).end();
  }
}).listen(Number(port), '127.0.0.1');
