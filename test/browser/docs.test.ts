// Can somebody read the description of the interface in a real browser, with nothing from outside?
import { afterAll, expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { nora } from '../support/cast.ts'
import { startBrowser } from './chromium.ts'

const { address, document, as } = await lotse()
const browser = await startBrowser()
afterAll(() => browser.close())

test('the page shows every heading, asks nobody else, and lets somebody try with a token', async () => {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage()
  const [asked, complaints]: [string[], string[]] = [[], []]
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${address}/docs`)
  await page.waitForSelector('.opblock-tag')
  const tags = new Set(
    Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap((operation) => (operation as unknown as { tags: string[] }).tags),
    ),
  )
  expect(await page.locator('.opblock-tag').count()).toBe(tags.size)
  // Collapsed: nobody waits for two hundred operations.
  expect(await page.locator('.opblock').count()).toBe(0)

  await page.locator('.opblock-tag[data-tag="me"]').click()
  await page.locator('.opblock-summary-path[data-path="/v1/me"]').click()
  await page.locator('.auth-wrapper .authorize').first().click()
  await page.locator('.auth-container input').fill((await as(nora)).token!)
  await page.locator('.auth-btn-wrapper .authorize').click()
  await page.locator('.auth-btn-wrapper .btn-done').click()
  await page.locator('.try-out__btn').click()
  await page.locator('.execute').click()
  const answered = page.locator('.live-responses-table')
  await answered.waitFor()
  expect(await answered.innerText()).toContain('Lotsenstelle Mitte')

  expect(asked.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('data:'))).toEqual([])
  expect(asked.length).toBeGreaterThan(3)
  expect(complaints).toEqual([])
})
