// SPDX-License-Identifier: GPL-3.0-or-later
// The mail is opened in another browser, which shows a number; the browser that asked takes it, and it alone is signed in.
import { asked, askForMail, end, mailedLink, openBrowser, picture, press } from './person.mjs'

const desk = await openBrowser()
const phone = await openBrowser()
const isAsked = async (page) => {
  await page.goto(`${asked.issuer}/me`)
  return (await page.$('input[name=email]')) !== null
}

await desk.goto(`${asked.issuer}/login`)
await askForMail(desk)
await phone.goto(await mailedLink())
await picture(phone, '3-elsewhere')
await press(phone, 'form[action="/login/elsewhere"] button')
await picture(phone, '4-number')
await desk.fill('input[name=number]', (await phone.textContent('.bigcode')).trim())
await press(desk, 'form[action="/login/number"] button')
await picture(desk, '5-signed-in')
await end({ desk: await isAsked(desk), phone: await isAsked(phone) })
