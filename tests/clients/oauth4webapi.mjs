// SPDX-License-Identifier: GPL-3.0-or-later
// npm's oauth4webapi as an app: oauth4webapi.mjs ISSUER CLIENT_ID REDIRECT_URI TOKEN (of the app's backend, scope token.introspect)
import * as oauth from 'oauth4webapi'
import { approve, done, fate, open } from './talk.mjs'

const [issuer, clientId, redirectUri, backend] = process.argv.slice(2)
const http = { [oauth.allowInsecureRequests]: true }
const none = oauth.None()
const app = { client_id: clientId, id_token_signed_response_alg: 'ES256' }
const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), http))

async function redeem(callback, verifier, nonce, state) {
  const parameters = oauth.validateAuthResponse(server, app, callback, state)
  const answer = await oauth.authorizationCodeGrantRequest(server, app, none, parameters, redirectUri, verifier, http)
  const tokens = await oauth.processAuthorizationCodeResponse(server, app, answer, { expectedNonce: nonce, requireIdToken: true })
  await oauth.validateApplicationLevelSignature(server, answer, http)
  return tokens
}

async function signIn(push) {
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()]
  const parameters = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  const url = new URL(server.authorization_endpoint)
  url.search = push ? await pushed(parameters) : parameters
  return redeem(await open(url), verifier, nonce, state)
}

async function pushed(parameters) {
  const answer = await oauth.pushedAuthorizationRequest(server, app, none, parameters, http)
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, app, answer)
  return new URLSearchParams({ client_id: clientId, request_uri })
}

const userinfo = async (tokens, subject) =>
  oauth.processUserInfoResponse(server, app, subject, await oauth.userInfoRequest(server, app, tokens.access_token, http))

async function device() {
  const first = await oauth.deviceAuthorizationRequest(server, app, none, { scope: 'openid' }, http)
  const begun = await oauth.processDeviceAuthorizationResponse(server, app, first)
  await approve(begun)
  const answer = await oauth.deviceCodeGrantRequest(server, app, none, begun.device_code, http)
  return oauth.processDeviceCodeResponse(server, app, answer)
}

const tokens = await signIn(false)
const claims = oauth.getValidatedIdTokenClaims(tokens)
const par = await signIn(true)
const info = await userinfo(tokens, claims.sub)
const fresh = await oauth.processRefreshTokenResponse(
  server,
  app,
  await oauth.refreshTokenGrantRequest(server, app, none, tokens.refresh_token, http),
)
const again = await userinfo(fresh, claims.sub)
const asBackend = (as, client, body, headers) => headers.set('authorization', `Bearer ${backend}`)
const introspected = await oauth.processIntrospectionResponse(
  server,
  app,
  await oauth.introspectionRequest(server, app, asBackend, fresh.access_token, http),
)
await oauth.processRevocationResponse(await oauth.revocationRequest(server, app, none, fresh.refresh_token, http))
const after = await fate(userinfo(fresh, claims.sub))
const onDevice = await device()
const end = new URL(server.end_session_endpoint)
end.search = new URLSearchParams({ id_token_hint: par.id_token, post_logout_redirect_uri: redirectUri, state: 'goodbye' })
const back = await open(end)
const sub = (answer) => oauth.getValidatedIdTokenClaims(answer).sub
done({
  subjects: [claims.sub, sub(par), info.sub, again.sub, sub(onDevice), introspected.sub],
  issuer: claims.iss,
  audience: claims.aud,
  active: introspected.active,
  after,
  back: back.href,
})
