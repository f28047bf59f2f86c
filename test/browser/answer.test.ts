// Can somebody without an account answer in a real browser: without a script, by keyboard, on a telephone, and unseen?
import { readFile } from 'node:fs/promises'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answerTokens } from '../../src/modules/answers/token.ts'
import { lotse } from '../support/app.ts'
import { nora, otto, type Member } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { aForm, aPdf } from '../support/files.ts'
import { browserHere, startBrowser } from './chromium.ts'
import { contrasts, focused, heard, sideways } from './eyes.ts'

const service = await lotse()
const { as, address, keys } = service
const browser = await startBrowser()
afterAll(() => browser.close())
const tokens = answerTokens(keys)

const person = /Kanaria|Vogelsang|Käfiggasse|0555 010203|stay stopped|drinks less/
const letter = aPdf('Kanaria')
/** Longer than any telephone is wide, and without a place to break. */
const long = 'Rehabilitationseinrichtungsvermittlungsgespraechsprotokoll'.repeat(2)

/** Everything that a page of this kind can show: facts, words, an interview and a letter. */
async function aLink({ language = 'de', by = nora }: { language?: string; by?: Member } = {}) {
  const situation = `Has stopped and wants to stay stopped.\nSays: ${long}`
  const to = by === otto ? ('ostberatung' as const) : ('wehr' as const)
  const draft = await service.aDraftReferral({ situation, by, to })
  await service.aFinishedClearing(draft.caseId, 'Kanaria drinks less', by)
  const client = await as(by)
  const categories = ['existence_of_contact', 'identity_contact', 'substance_use']
  done(await client.edit(`/v1/referrals/${draft.id}`, { categories, urgency: 'urgent' }))
  const attachments = `/v1/referrals/${draft.id}/attachments`
  done(await client.post(attachments, aForm('clearing_summary', letter, `${long}.pdf`)))
  done(await client.post(`/v1/referrals/${draft.id}/send`))
  const { id: linkId, code } = await service.anAnswerLink(draft.id, { language }, by)
  const at = (tenantId: string) => `${address}/answer/${tokens.make({ tenantId, linkId })}`
  return { ...draft, linkId, code: String(code), url: at(by.tenantId), at }
}
type Link = Awaited<ReturnType<typeof aLink>>

/** What no page of any test may do; looked at after each of them. */
const strays: string[] = []
const complaints: string[] = []
beforeEach(() => {
  strays.length = 0
  complaints.length = 0
})
afterEach(() => {
  if (strays.length > 0) throw new Error(`requests to elsewhere: ${strays.join(', ')}`)
  if (complaints.length > 0) throw new Error(`complaints of the browser: ${complaints.join('\n')}`)
})

/** A browser of its own: nothing of what another one keeps. */
async function aPage({ width = 1000, ...options }: BrowserContextOptions & { width?: number } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width, height: 800 },
    ...options,
  })
  onTestFinished(() => context.close())
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== address) strays.push(request.url())
  })
  context.on('console', (message) => {
    // A wrong code and an incomplete form are answered with their status; Chromium remarks upon it.
    if (!/status of 40[034]/.test(message.text())) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  return page
}

/** Back or forward, and what then stands there of the person. A page brought back as it was left is not loaded anew. */
async function leftAfter(page: Page, turn: 'goBack' | 'goForward') {
  const asLeft = { waitUntil: 'commit' } as const
  try {
    await page[turn](asLeft)
  } catch (error) {
    // What was sent once is not sent again without asking: Chromium shows a page of its own.
    expect((error as Error).message).toContain('ERR_CACHE_MISS')
    await page.waitForURL(/^chrome-error:/, asLeft)
  }
  await page.waitForSelector('body', { state: 'attached' })
  return person.exec(await page.content())?.[0]
}

const wordsOf = (page: Page) => page.locator('body').innerText()
const another = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

async function enter(page: Page, code: string) {
  await page.locator('#code').fill(code)
  await page.locator('button').click()
}

async function opened(page: Page, link: Link, language = '') {
  await page.goto(link.url + language)
  await enter(page, link.code)
  await page.locator('#name').waitFor()
}

async function decline(page: Page, { note = '', name = 'Ida Brand' } = {}) {
  await page.locator('#decision-no').check()
  await page.locator('#reason').selectOption('other')
  await page.locator('#note').fill(note)
  await page.locator('#name').fill(name)
  await page.locator('button').click()
}

/** Every state of the page, one after the other. */
async function* states(page: Page, link: Link) {
  await page.goto(link.url)
  yield 'the code'
  await enter(page, another(link.code))
  yield 'a wrong code'
  await enter(page, link.code)
  await page.locator('#name').waitFor()
  yield 'the question'
  await decline(page)
  await page.locator('.alarm').waitFor()
  yield 'something is missing'
  await page.locator('#note').fill('We are being rebuilt')
  await page.locator('button').click()
  await page.locator('form').waitFor({ state: 'detached' })
  yield 'answered'
  await page.goto(link.url)
  yield 'nothing to see'
}

const referral = async (id: string) => (await (await as(nora)).get(`/v1/referrals/${id}`)).body

describe('the code', () => {
  test('is entered by keyboard alone: the way to the content, the languages, the field, the button, in this order', async () => {
    const link = await aLink()
    const page = await aPage()
    await page.goto(link.url)
    const order: string[] = []
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press('Tab')
      order.push(await focused(page))
    }
    expect(order).toEqual(['Zum Inhalt', 'Deutsch', 'English', 'Dansk', 'code', 'Öffnen'])
    expect(await heard(page)).toContainEqual(
      expect.objectContaining({ role: 'textbox', name: 'Sechsstelliger Code', invalid: false }),
    )
    expect(await wordsOf(page)).not.toMatch(person)

    await page.keyboard.press('Shift+Tab')
    await page.keyboard.type(link.code)
    await page.keyboard.press('Enter')
    await page.locator('#name').waitFor()
    expect(await wordsOf(page)).toContain('Kanaria')
    // The code stands in no address that a browser remembers.
    expect(page.url()).toBe(`${link.url}?lang=de`)
  })

  test('when it is wrong, says so at the field that has the focus, in the same language, and opens nothing', async () => {
    const link = await aLink({ language: 'en' })
    const page = await aPage()
    await page.goto(link.url)
    await enter(page, another(link.code))
    await expect.poll(() => focused(page)).toBe('code')
    const said = await heard(page)
    expect(said).toContainEqual({
      role: 'textbox',
      name: 'Six-digit code',
      description: expect.stringContaining('This code is not right. You have 4 tries left.') as string,
      invalid: true,
      focused: true,
    })
    expect(said.some(({ role }) => role === 'alert')).toBe(true)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await wordsOf(page)).not.toMatch(person)
    await page.keyboard.type(link.code)
    await page.keyboard.press('Enter')
    await page.locator('#name').waitFor()
    expect(await wordsOf(page)).toContain('Kanaria')
  })

  test('opens this browser only: another one that knows the address sees the code form', async () => {
    const link = await aLink()
    const page = await aPage()
    await opened(page, link)
    const besides = await page.context().newPage()
    await besides.goto(link.url)
    expect(await wordsOf(besides)).toContain('Kanaria')
    const elsewhere = await aPage()
    await elsewhere.goto(page.url())
    expect(await elsewhere.locator('input').count()).toBe(1)
    expect(await elsewhere.locator('#code').isVisible()).toBe(true)
    expect(await elsewhere.content()).not.toMatch(person)
  })
})

describe('whoever has opened it', () => {
  test.each([
    ['de', 'Vorname', 'aufgrund einer Schweigepflichtentbindung', 'Antwort erbeten bis', 'Ihre Antwort'],
    ['en', 'Given name', 'on the basis of', 'Please answer by', 'Your answer'],
    ['da', 'Fornavn', 'på grundlag af et samtykke', 'Svar ønskes senest', 'Jeres svar'],
  ])(
    'reads in the language of the link (%s) what was disclosed, on what grounds, and by when to answer',
    async (language, label, notice, due, answer) => {
      const link = await aLink({ language })
      const page = await aPage()
      await opened(page, link)
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      const words = await wordsOf(page)
      expect(words).toContain('Kanaria drinks less')
      expect(await page.locator('.notice').first().innerText()).toContain(notice)
      expect(await page.locator(`dt:text-is("${label}") + dd`).innerText()).toBe('Kanaria')
      expect(await page.locator('h2').allInnerTexts()).toContain(answer)
      const { answerDueOn } = await referral(link.id)
      const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
      expect(await page.locator(`dt:text-is("${due}") + dd`).innerText()).toBe(
        day.format(new Date(`${String(answerDueOn)}T00:00:00Z`)),
      )
      expect(words).not.toMatch(/undefined|null|\[object/)
      for (const handle of [link.clientId, link.caseId, link.id]) expect(words).not.toContain(handle)
    },
  )

  test('reads on in another language with one click, and stays where the code has led', async () => {
    const link = await aLink()
    const page = await aPage()
    await opened(page, link)
    for (const [language, name, label] of [
      ['en', 'English', 'Given name'],
      ['da', 'Dansk', 'Fornavn'],
      ['de', 'Deutsch', 'Vorname'],
    ] as const) {
      await page.locator(`nav >> text=${name}`).click()
      await page.locator(`html[lang=${language}]`).waitFor()
      expect(await page.locator(`dt:text-is("${label}")`).count()).toBe(1)
      expect(await page.locator('nav [aria-current=true]').innerText()).toBe(name)
    }
  })

  test('saves a letter with the very bytes that were attached', async () => {
    const link = await aLink()
    const page = await aPage({ acceptDownloads: true })
    await opened(page, link)
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()])
    expect(download.suggestedFilename()).toBe(`${long}.pdf`)
    expect((await readFile(await download.path())).equals(letter)).toBe(true)
    const elsewhere = await aPage()
    const answer = await elsewhere.goto(download.url())
    expect(answer?.status()).toBe(404)
  })
})

describe('the answer', () => {
  test('accepts by keyboard alone; then nothing of the person is left, neither with Back nor Forward nor anew', async () => {
    const link = await aLink()
    const page = await aPage()
    await opened(page, link)
    const order: string[] = []
    await page.locator('a[download]').focus()
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press('Tab')
      const here = await focused(page)
      order.push(here)
      if (here === 'decision') await page.keyboard.press('Space')
      if (here === 'name') await page.keyboard.type('Ida Brand')
    }
    expect(order).toEqual(['decision', 'reason', 'note', 'name', 'Antwort senden'])
    await page.keyboard.press('Enter')
    await page.locator('form').waitFor({ state: 'detached' })
    expect(await wordsOf(page)).toContain('Danke für Ihre Antwort')
    expect(await page.content()).not.toMatch(person)
    expect(await referral(link.id)).toMatchObject({ status: 'accepted', answeredByName: 'Ida Brand' })

    for (const turn of ['goBack', 'goForward', 'goBack'] as const)
      expect(await leftAfter(page, turn)).toBeUndefined()
    expect(await wordsOf(page)).toContain('Hier gibt es nichts zu sehen')
    for (const again of [() => page.reload(), () => page.goto(link.url)]) {
      expect((await again())?.status()).toBe(404)
      expect(await page.content()).not.toMatch(person)
    }
    expect(await page.locator('form').count()).toBe(0)
  })

  test('declines with a reason; "other" wants a sentence, says so at the field, and keeps what was written', async () => {
    const link = await aLink()
    const page = await aPage()
    await opened(page, link)
    await decline(page)
    await page.locator('.alarm').waitFor()
    await expect.poll(() => focused(page)).toMatch(/^Bitte noch ergänzen/)
    const missing = 'Ein Satz zum Grund, höchstens 1000 Zeichen'
    const said = await heard(page)
    const field = said.find(({ name }) => name === 'Ein Satz dazu')
    expect(field).toMatchObject({ role: 'textbox', invalid: true })
    expect(field!.description).toContain(missing)
    // What is not wrong is not called so.
    expect(said.find(({ name }) => name === 'Ihr Name')).toMatchObject({ invalid: false })
    expect(said.find(({ focused: has, role }) => has && role !== 'RootWebArea')?.role).toBe('alert')
    expect(await page.locator('#decision-no').isChecked()).toBe(true)
    expect(await page.locator('#reason').inputValue()).toBe('other')
    expect(await page.locator('#name').inputValue()).toBe('Ida Brand')
    expect((await referral(link.id)).status).toBe('sent')

    await page.locator('.alarm a').click()
    expect(await focused(page)).toBe('note')
    await page.keyboard.type('We are being rebuilt')
    await page.locator('button').click()
    await page.locator('form').waitFor({ state: 'detached' })
    expect(await wordsOf(page)).toContain('Sie haben abgelehnt')
    expect(await page.content()).not.toMatch(person)
    expect(await referral(link.id)).toMatchObject({ status: 'declined', declineNote: 'We are being rebuilt' })
    // Past the field that the message led to, and past the incomplete form, to the question.
    for (const turn of ['goBack', 'goBack', 'goBack'] as const)
      expect(await leftAfter(page, turn)).toBeUndefined()
    expect(await wordsOf(page)).toContain('Hier gibt es nichts zu sehen')
  })
})

describe('every state of the page', () => {
  test.each(['de', 'en', 'da'])('scrolls sideways on no telephone (%s)', async (language) => {
    const page = await aPage({ width: 360, javaScriptEnabled: true })
    const seen: string[] = []
    for await (const state of states(page, await aLink({ language }))) {
      seen.push(state)
      expect(await sideways(page), state).toBe(0)
    }
    expect(seen).toHaveLength(6)
    await page.evaluate(`document.body.append('x'.repeat(400)); document.body.style.overflowWrap = 'normal'`)
    expect(await sideways(page)).toBeGreaterThan(0)
  })

  test.each(['light', 'dark'] as const)(
    'can be read by weak eyes (%s): a contrast of 4.5 to 1 for every word',
    async (colorScheme) => {
      const page = await aPage({ javaScriptEnabled: true, colorScheme, bypassCSP: true })
      for await (const state of states(page, await aLink())) {
        const all = await contrasts(page)
        expect(all.length, state).toBeGreaterThan(3)
        expect(
          all.filter(({ ratio }) => ratio < 4.5),
          state,
        ).toEqual([])
      }
      await page.setContent(
        '<body style="background:#fff"><p style="color:#888">pale</p><p style="color:#000">ink</p>',
      )
      expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toMatchObject([{ words: 'pale' }])
    },
  )

  test('gives a browser that runs scripts nothing to complain about, and asks nobody else for anything', async () => {
    const page = await aPage({ javaScriptEnabled: true })
    const link = await aLink()
    for await (const state of states(page, link)) {
      expect(complaints, state).toEqual([])
      expect(strays, state).toEqual([])
    }
    // Both would be noticed, and the page's own rules keep a picture from elsewhere away.
    await page.goto(link.url)
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<p style="color:red"><img src="http://elsewhere.example/x.png">')`,
    )
    await expect.poll(() => complaints.join(' ')).toMatch(/Content Security Policy/)
    await page.goto('http://elsewhere.example/').catch(() => undefined)
    expect(strays).toContain('http://elsewhere.example/')
    complaints.length = 0
    strays.length = 0
  })
})

test('a link under the name of another municipality shows the same plain page as one that never was', async () => {
  const link = await aLink()
  const page = await aPage()
  const seen: { status: number | undefined; content: string }[] = []
  for (const url of [link.at(otto.tenantId), `${address}/answer/none`]) {
    const answer = await page.goto(url)
    seen.push({ status: answer?.status(), content: await page.content() })
  }
  expect(seen[0]).toEqual(seen[1])
  expect(seen[0]!.status).toBe(404)
  expect(seen[0]!.content).not.toMatch(person)
  expect(await page.locator('form').count()).toBe(0)

  // Whoever has opened one in Lindenau is nobody in Ostheim.
  await opened(page, link)
  const foreign = await aLink({ by: otto })
  await page.goto(foreign.url)
  expect(await page.locator('#code').isVisible()).toBe(true)
  expect(await page.content()).not.toMatch(person)
})

test('a machine without a browser is told how to get one', () => {
  expect(() => browserHere(['/nowhere/chromium'])).toThrow(
    'These tests need a browser: install Chromium, for example with `apt-get install chromium`.',
  )
})
