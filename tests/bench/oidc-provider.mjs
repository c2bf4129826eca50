// SPDX-License-Identifier: GPL-3.0-or-later
// oidc-provider.mjs PEOPLE APPS REDIRECT_URI: npm's oidc-provider, in memory, on a free port. Everybody is signed in
// and has consented before it listens; what a client needs to know of that is one line of JSON on standard output.

import crypto from 'node:crypto';
import { Provider } from 'oidc-provider';

const [people, apps] = process.argv.slice(2, 4).map(Number);
const redirectUri = process.argv[4];
const SECRET = 'bench';
const SCOPE = 'openid profile.basic';

// Its own adapter keeps the last 1,000 values only, fewer than are in use here.
class Memory {
  static values = new Map();

  constructor(model) {
    this.prefix = `${model}:`;
  }

  async upsert(id, payload) {
    Memory.values.set(this.prefix + id, payload);
    if (payload.uid) Memory.values.set(`uid:${payload.uid}`, id);
    if (payload.userCode) Memory.values.set(`user:${payload.userCode}`, id);
  }

  async find(id) {
    return Memory.values.get(this.prefix + id);
  }

  async findByUid(uid) {
    return this.find(Memory.values.get(`uid:${uid}`));
  }

  async findByUserCode(code) {
    return this.find(Memory.values.get(`user:${code}`));
  }

  async consume(id) {
    (await this.find(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Memory.values.delete(this.prefix + id);
  }

  async revokeByGrantId() {}
}

function client(number) {
  return {
    client_id: `app${number}`,
    token_endpoint_auth_method: 'none',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
  };
}

function provider(port) {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new Provider(`http://localhost:${port}`, {
    adapter: Memory,
    clients: [
      ...Array.from({ length: apps }, (_, number) => client(number)),
      { client_id: 'backend', client_secret: SECRET, redirect_uris: [], response_types: [], grant_types: [] },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: SCOPE.split(' '),
    features: { introspection: { enabled: true }, deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    ttl: { AccessToken: 3600, AuthorizationCode: 600, DeviceCode: 600, Grant: 86400, IdToken: 3600, RefreshToken: 86400, Session: 86400 },
  });
}

async function signedIn(op, person) {
  const session = new op.Session();
  session.loginAccount({ accountId: `person${person}` });
  for (let app = 0; app < apps; app += 1) {
    const grant = new op.Grant({ accountId: `person${person}`, clientId: `app${app}` });
    grant.addOIDCScope(SCOPE);
    session.ensureClientContainer(`app${app}`);
    session.grantIdFor(`app${app}`, await grant.save(86400));
  }
  await session.save(86400);
  return `_session=${session.id}`;
}

const { default: http } = await import('node:http');
const server = http.createServer();
server.listen(0, '127.0.0.1', async () => {
  const op = provider(server.address().port);
  const cookies = [];
  for (let person = 0; person < people; person += 1) cookies.push(await signedIn(op, person));
  server.on('request', op.callback());
  const backend = `Basic ${Buffer.from(`backend:${SECRET}`).toString('base64')}`;
  console.log(JSON.stringify({ port: server.address().port, cookies, backend }));
});
