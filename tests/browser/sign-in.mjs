// SPDX-License-Identifier: GPL-3.0-or-later
// A person in Chromium: signs in to two apps, sees two slugs, approves a host, signs out. sign-in.mjs JSON
// The JSON names: issuer, apps [{name, url}], email, folder (for pictures), javascript, userCode. Asks for mail on standard output:
// a line "mail", answered by a line with the link. Prints the result as one JSON line.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as readline from 'node:readline/promises'
import { chromium } from 'playwright-core'

const asked = JSON.parse(process.argv[2])
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const arguments_ = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: arguments_ })
const context = await browser.newContext({ javaScriptEnabled: asked.javascript, colorScheme: asked.dark ? 'dark' : 'light', viewport: asked.phone ? { width: 390, height: 844 } : { width: 1200, height: 800 } })
const page = await context.newPage()
const foreign = []
page.on('request', (request) => {
  const host = new URL(request.url()).hostname
  if (!['localhost', '127.0.0.1'].includes(host)) foreign.push(request.url())
})
const violations = []
page.on('console', (message) => {
  if (/Content Security Policy/.test(message.text())) violations.push(message.text())
})

// evaluate() is no script of the page, so its policy lets axe run; without JavaScript nothing can
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const barriers = []

async function checkAccess(name) {
  await page.evaluate(axe)
  const found = await page.evaluate('axe.run()')
  for (const rule of found.violations) barriers.push(`${name}: ${rule.id}: ${rule.nodes.map((node) => node.html).join(' ')}`)
}

async function picture(name) {
  await page.screenshot({ path: `${asked.folder}/${name}.png`, fullPage: true })
  if (asked.javascript) await checkAccess(name)
}

async function mailedLink() {
  console.log('mail')
  return (await lines.next()).value
}

async function signInAtAntara() {
  await picture('1-address')
  await page.fill('input[name=email]', asked.email)
  await Promise.all([page.waitForNavigation(), page.press('input[name=email]', 'Enter')])
  await picture('2-check-mail')
  await page.goto(await mailedLink())
  await picture('3-link')
  await Promise.all([page.waitForNavigation(), page.click('main form button')])
}

async function signInToApp(app) {
  await page.goto(app.url)
  await Promise.all([page.waitForNavigation(), page.click('button')])
  if (await page.$('input[name=email]')) await signInAtAntara()
  if (await page.$('button[value=approve]')) {
    await picture(`4-consent-${app.name}`)
    await Promise.all([page.waitForNavigation(), page.click('button[value=approve]')])
  }
  return (await page.textContent('#slug')).trim()
}

const slugs = []
for (const app of asked.apps) slugs.push(await signInToApp(app))
const again = await (async () => {
  await page.goto(asked.apps[0].url)
  await Promise.all([page.waitForNavigation(), page.click('button')])
  return signInToApp(asked.apps[0])
})()

let approved = null
if (asked.userCode) {
  await page.goto(`${asked.issuer}/d`)
  await picture('5-device')
  await page.fill('input[name=user_code]', asked.userCode.toLowerCase())
  await Promise.all([page.waitForNavigation(), page.press('input[name=user_code]', 'Enter')])
  await picture('6-approve')
  await Promise.all([page.waitForNavigation(), page.click('button[value=approve]')])
  await picture('7-approved')
  approved = await page.textContent('main')
}

await page.goto(`${asked.issuer}/me`)
await picture('8-me')
const me = await page.textContent('main')
for (const path of ['/d', '/D/WDJBMJHT', '/nowhere', '/login/link/x', '/login/check']) {
  await page.goto(asked.issuer + path)
  await picture(`9${path.replaceAll('/', '-')}`)
}
await browser.close()
console.log(JSON.stringify({ slugs, again, approved, me, foreign, violations, barriers }))
process.exit(0)
