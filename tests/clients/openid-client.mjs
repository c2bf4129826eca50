// SPDX-License-Identifier: GPL-3.0-or-later
// npm's openid-client as an app: discovery, PKCE, the code, the ID token's signature, userinfo, refresh, revocation.
// openid-client.mjs ISSUER CLIENT_ID REDIRECT_URI: prints the URL to open, reads the URL that the browser came back to, prints what it got.
import * as readline from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, redirectUri] = process.argv.slice(2)
const lines = readline.createInterface({ input: process.stdin })
const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})
client.enableNonRepudiationChecks(config) // checks the ID token's signature by the JWKS too

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
console.log(url.href)

const callback = new URL((await lines[Symbol.asyncIterator]().next()).value)
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
})
const subject = tokens.claims().sub
const info = await client.fetchUserInfo(config, tokens.access_token, subject)
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token)
const again = await client.fetchUserInfo(config, fresh.access_token, subject)
await client.tokenRevocation(config, fresh.refresh_token)
const after = await client.fetchUserInfo(config, fresh.access_token, subject).then(
  () => 'alive',
  () => 'revoked',
)
console.log(JSON.stringify({ subject, info, again, after, issuer: tokens.claims().iss, audience: tokens.claims().aud }))
process.exit(0)
