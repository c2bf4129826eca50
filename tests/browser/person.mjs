// SPDX-License-Identifier: GPL-3.0-or-later
// A person with Chromium: what every story has. Their first argument is JSON: issuer, email, folder (for pictures), javascript, phone, dark.
// A story asks for mail on standard output: a line "mail", answered by a line with the link. It ends with one line of JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as readline from 'node:readline/promises'
import { chromium } from 'playwright-core'

export const asked = JSON.parse(process.argv[2])
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const arguments_ = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: arguments_ })

// What must stay empty: requests to others, what the policy refused, what keeps people out.
export const seen = { foreign: [], violations: [], barriers: [] }

// A browser of its own: another one shares no cookie with it.
export async function openBrowser() {
  const viewport = asked.phone ? { width: 390, height: 844 } : { width: 1200, height: 800 }
  const context = await browser.newContext({ javaScriptEnabled: asked.javascript, colorScheme: asked.dark ? 'dark' : 'light', viewport })
  const page = await context.newPage()
  page.on('request', (request) => {
    if (!['localhost', '127.0.0.1'].includes(new URL(request.url()).hostname)) seen.foreign.push(request.url())
  })
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) seen.violations.push(message.text())
  })
  return page
}

// evaluate() is no script of the page, so its policy lets axe run; without JavaScript nothing can
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function checkAccess(page, name) {
  await page.evaluate(axe)
  const found = await page.evaluate('axe.run()')
  for (const rule of found.violations) seen.barriers.push(`${name}: ${rule.id}: ${rule.nodes.map((node) => node.html).join(' ')}`)
}

export async function picture(page, name) {
  await page.screenshot({ path: `${asked.folder}/${name}.png`, fullPage: true })
  if (asked.javascript) await checkAccess(page, name)
}

export async function mailedLink() {
  console.log('mail')
  return (await lines.next()).value
}

export const press = (page, button) => Promise.all([page.waitForNavigation(), page.click(button)])

export async function askForMail(page) {
  await picture(page, '1-address')
  await page.fill('input[name=email]', asked.email)
  await Promise.all([page.waitForNavigation(), page.press('input[name=email]', 'Enter')])
  await picture(page, '2-check-mail')
}

export async function signIn(page) {
  await askForMail(page)
  await page.goto(await mailedLink())
  await picture(page, '3-link')
  await press(page, 'main form button')
}

export async function end(result) {
  await browser.close()
  console.log(JSON.stringify({ ...result, ...seen }))
  process.exit(0)
}
