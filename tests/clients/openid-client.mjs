// SPDX-License-Identifier: GPL-3.0-or-later
// npm's openid-client as an app: openid-client.mjs ISSUER CLIENT_ID REDIRECT_URI TOKEN (of the app's backend, scope token.introspect)
import * as client from 'openid-client'
import { approve, done, fate, open } from './talk.mjs'

const [issuer, clientId, redirectUri, backend] = process.argv.slice(2)
const discover = (authentication) =>
  client.discovery(new URL(issuer), clientId, undefined, authentication, { execute: [client.allowInsecureRequests] })
const config = await discover(client.None())
client.enableNonRepudiationChecks(config) // checks the ID token's signature by the JWKS too

async function signIn(build) {
  const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() }
  const url = await build(config, {
    redirect_uri: redirectUri,
    scope: 'openid offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  })
  return client.authorizationCodeGrant(config, await open(url), { ...checks, idTokenExpected: true })
}

const tokens = await signIn(client.buildAuthorizationUrl)
const claims = tokens.claims()
const pushed = await signIn(client.buildAuthorizationUrlWithPAR)
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token)
const again = await client.fetchUserInfo(config, fresh.access_token, claims.sub)

const asBackend = await discover((server, app, body, headers) => headers.set('authorization', `Bearer ${backend}`))
const introspected = await client.tokenIntrospection(asBackend, fresh.access_token)
await client.tokenRevocation(config, fresh.refresh_token)
const after = await fate(client.fetchUserInfo(config, fresh.access_token, claims.sub))

const device = await client.initiateDeviceAuthorization(config, { scope: 'openid' })
await approve(device)
const onDevice = await client.pollDeviceAuthorizationGrant(config, device)

const back = await open(
  client.buildEndSessionUrl(config, { post_logout_redirect_uri: redirectUri, id_token_hint: pushed.id_token, state: 'goodbye' }),
)
done({
  subjects: [claims.sub, pushed.claims().sub, info.sub, again.sub, onDevice.claims().sub, introspected.sub],
  issuer: claims.iss,
  audience: claims.aud,
  active: introspected.active,
  after,
  back: back.href,
})
