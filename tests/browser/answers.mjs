// SPDX-License-Identifier: GPL-3.0-or-later
// The app gets its answer by form_post, and later signs the person out. asked.authorize, asked.logout: URLs to open; asked.callback: where they end.
import { asked, end, openBrowser, picture, press, signIn } from './person.mjs'

const page = await openBrowser()
const arrived = []
await page.route(
  (url) => url.href.startsWith(asked.callback),
  (route) => {
    arrived.push({ method: route.request().method(), url: route.request().url(), body: route.request().postData() })
    return route.fulfill({ contentType: 'text/html', body: '<title>Bakery</title><p id="bakery">bread' })
  },
)
const arrive = () => page.waitForSelector('#bakery', { timeout: 15000 })

await page.goto(asked.authorize)
await signIn(page)
await picture(page, '4-consent')
if (asked.javascript) {
  await page.click('button[value=approve]') // the page that comes presses its own button
} else {
  await press(page, 'button[value=approve]')
  await picture(page, '5-form-post')
  await page.click('main form button')
}
await arrive()

await page.goto(asked.logout)
await picture(page, '6-sign-out')
await page.click('main form button')
await arrive()
await page.goto(`${asked.issuer}/login`)
await end({ arrived, signedOut: (await page.$('input[name=email]')) !== null })
