// Every name under .localhost is this machine (RFC 6761 6.3): browsers know it, Node's resolver does not everywhere.

import dns from 'node:dns';

const ask = dns.lookup;
const options = (given) => (typeof given === 'number' ? { family: given } : given);

dns.lookup = (host, given, answer = given) =>
  ask(host.endsWith('.localhost') ? '127.0.0.1' : host, given === answer ? {} : options(given), answer);
