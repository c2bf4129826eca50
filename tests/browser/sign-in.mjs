// SPDX-License-Identifier: GPL-3.0-or-later
// A person signs in to two apps (asked.apps: [{name, url}]), sees two slugs, and looks around.
import { asked, end, openBrowser, picture, press, signIn } from './person.mjs'

const page = await openBrowser()

async function signInToApp(app) {
  await page.goto(app.url)
  await press(page, 'button')
  if (await page.$('input[name=email]')) await signIn(page)
  if (await page.$('button[value=approve]')) {
    await picture(page, `4-consent-${app.name}`)
    await press(page, 'button[value=approve]')
  }
  return (await page.textContent('#slug')).trim()
}

const slugs = []
for (const app of asked.apps) slugs.push(await signInToApp(app))
await page.goto(asked.apps[0].url)
await press(page, 'button')
const again = await signInToApp(asked.apps[0])

await page.goto(`${asked.issuer}/me`)
await picture(page, '8-me')
const me = await page.textContent('main')
for (const path of ['/d', '/D/WDJBMJHT', '/nowhere', '/login/link/x', '/login/check']) {
  await page.goto(asked.issuer + path)
  await picture(page, `9${path.replaceAll('/', '-')}`)
}
await end({ slugs, again, me })
