// SPDX-License-Identifier: GPL-3.0-or-later
// How an app of these tests talks with the test: a line of JSON out, a line back.
import * as readline from 'node:readline/promises'

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function ask(question) {
  console.log(JSON.stringify(question))
  return (await lines.next()).value
}

// The person opens `url` and does what is asked; gives the URL that the browser came to at last.
export const open = async (url) => new URL(await ask({ open: new URL(url).href }))

// The person types the code of a device at the verification page, and approves.
export const approve = (device) => ask({ approve: device.user_code })

export const done = (result) => {
  console.log(JSON.stringify({ done: result }))
  process.exit(0)
}

// `alive` when the promise is kept, `refused` when not.
export const fate = (promise) =>
  promise.then(
    () => 'alive',
    () => 'refused',
  )
