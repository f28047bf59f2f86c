// Which browser is on this machine, and what is said when there is none?
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export function browserHere(among: readonly string[] = places): string {
  const found = among.find((place) => existsSync(place))
  if (found) return found
  const sentence =
    'These tests need a browser: install Chromium, for example with `apt-get install chromium`.'
  // Where the search ended helps nobody.
  throw Object.assign(new Error(sentence), { stack: sentence })
}

/** Before the database starts: a missing browser is a failure, never a green run of nothing. */
export default function setup() {
  browserHere()
}

/** A browser that speaks to this machine only. */
export const startBrowser = () =>
  chromium.launch({
    executablePath: browserHere(),
    // As people have it: "back" may bring a page as it was left.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-proxy-server',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
