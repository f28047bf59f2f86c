// Does a link open one referral to whoever was told the code, for one answer, and is it silent to everybody else?
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { mailAnswerLink } from '../../src/modules/answers/index.ts'
import { answerTokens } from '../../src/modules/answers/token.ts'
import { codes, label } from '../../src/modules/vocabularies/index.ts'
import { lotse } from '../support/app.ts'
import { anton, cast, hanna, mira, nora, organizations, otto } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { aForm, aPdf } from '../support/files.ts'

const service = await lotse()
const { as, sql, address, keys, db, aSentReferral, aDraftReferral, anAnswerLink } = service
const norasClient = await as(nora)
const antons = await as(anton)
const tokens = answerTokens(keys)

interface Opened {
  cookie?: string
  headers?: Record<string, string>
  at?: string
}

/** How a tag is broken into lines says nothing. */
const tidy = (text: string) =>
  text
    .replace(/<[^>]+>/g, (tag) => tag.replace(/\s+/g, ' ').replace(/ (?=\/?>)/, ''))
    .replace(/>\s+/g, '>')
    .replace(/\s+</g, '<')

/** What a browser would do, with nothing that a browser does by itself. */
async function follow(
  path: string,
  { cookie, headers = {}, at = address }: Opened = {},
  form?: Record<string, string>,
) {
  const response = await fetch(`${at}${path}`, {
    method: form ? 'POST' : 'GET',
    redirect: 'manual',
    headers: { ...(cookie && { cookie }), ...headers },
    ...(form && { body: new URLSearchParams(form) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    text: tidy(bytes.toString()),
    bytes,
    headers: Object.fromEntries(response.headers),
  }
}

const pathOf = (linkId: string, tenantId = nora.tenantId) => `/answer/${tokens.make({ tenantId, linkId })}`
const cookieIn = (answer: { headers: Record<string, string> }) => answer.headers['set-cookie']?.split(';')[0]
const another = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0')

async function aLink(giving: Parameters<typeof aSentReferral>[0] = {}, given: Record<string, unknown> = {}) {
  const sent = await aSentReferral(giving)
  const { id: linkId, code } = await anAnswerLink(sent.id, given, sent.by)
  return { ...sent, linkId, code: String(code), path: pathOf(linkId, sent.by.tenantId) }
}

async function anOpenedLink(...given: Parameters<typeof aLink>) {
  const link = await aLink(...given)
  const cookie = cookieIn(await follow(link.path, {}, { code: link.code }))
  if (!cookie) throw new Error('the right code did not open the link')
  return { ...link, cookie }
}

/** What is there for everybody: compared to the last byte, without the time of day. */
async function plain(path = pathOf('00000000-0000-4000-8000-000000000001')) {
  const { headers, ...rest } = await follow(path)
  return { status: rest.status, text: rest.text, headers: { ...headers, date: '' } }
}
const asPlain = ({ status, text, headers }: Awaited<ReturnType<typeof follow>>) => ({
  status,
  text,
  headers: { ...headers, date: '' },
})

const accept = { decision: 'accept', name: 'Ida Brand' }
const give = ({ path, cookie }: { path: string; cookie: string }, form: Record<string, string> = accept) =>
  follow(`${path}/answer`, { cookie }, form)
const referral = async (id: string) => (await norasClient.get(`/v1/referrals/${id}`)).body
const stateOf = async (id: string) => (await norasClient.get(`/v1/referrals/${id}/answer-link`)).body

describe('the sender gives a link', () => {
  test('with a code that is told once, and of which only a keyed hash is kept', async () => {
    const { id } = await aSentReferral()
    const made = await norasClient.post(`/v1/referrals/${id}/answer-link`, {
      email: 'post@praxis.example',
      language: 'da',
    })
    expect(made).toMatchObject({
      status: 201,
      body: {
        referralId: id,
        email: 'post@praxis.example',
        language: 'da',
        status: 'waiting',
        tries: 0,
        mailedAt: null,
      },
      headers: { location: `/v1/referrals/${id}/answer-link` },
    })
    const code = String(made.body.code)
    expect(code).toMatch(/^\d{6}$/)
    const days = (Date.parse(String(made.body['expiresAt'])) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(13.9)
    expect(days).toBeLessThanOrEqual(14)
    const read = await norasClient.get(`/v1/referrals/${id}/answer-link`)
    expect(read.body).toEqual({ ...made.body, code: null })
    const [row] = await sql<{ code_hash: Buffer }>('select * from answer_links where id = $1', [made.body.id])
    expect(row!.code_hash).toHaveLength(32)
    const { code_hash: _, ...rest } = row!
    expect(JSON.stringify(rest)).not.toContain(`"${code}"`)
    const [trail] = await sql<{ all: string }>(
      'select string_agg(audit_events::text, $1) as all from audit_events',
      [' '],
    )
    expect(trail!.all).not.toContain('praxis.example')
    expect(service.logged().join()).not.toMatch(new RegExp(`praxis\\.example|"${code}"`))
  })

  test('to the address of the recipient in the directory, and to none when there is none', async () => {
    const { id } = await aSentReferral()
    expect(await norasClient.post(`/v1/referrals/${id}/answer-link`, {})).toMatchObject({
      status: 409,
      body: { code: 'recipient_has_no_email' },
    })
    const ada = await as(cast.ada)
    done(await ada.edit(`/v1/organizations/${organizations.wehr}`, { email: 'kontakt@wehr.example' }))
    expect((await norasClient.post(`/v1/referrals/${id}/answer-link`)).body).toMatchObject({
      email: 'kontakt@wehr.example',
      language: 'de',
    })
    done(await ada.edit(`/v1/organizations/${organizations.wehr}`, { email: null }))
  })

  test('of which one is valid at a time; a repeated request makes no second one and tells no code', async () => {
    const { id } = await aSentReferral()
    const path = `/v1/referrals/${id}/answer-link`
    const given = { email: 'post@praxis.example' }
    const first = await norasClient.post(path, given, { idempotencyKey: `link-${id}` })
    const again = await norasClient.post(path, given, { idempotencyKey: `link-${id}` })
    expect(again).toMatchObject({ status: 201, headers: { 'idempotent-replayed': 'true' } })
    expect(again.body).toEqual({ ...first.body, code: null })
    expect(await norasClient.post(path, given)).toMatchObject({
      status: 409,
      body: { code: 'answer_link_exists' },
    })
    const both = await Promise.all([
      norasClient.post(`/v1/answer-links/${first.body.id}/revoke`),
      norasClient.post(`/v1/answer-links/${first.body.id}/revoke`),
    ])
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 200)!.body).toMatchObject({ status: 'revoked', code: null })
    expect(asPlain(await follow(pathOf(first.body.id)))).toEqual(await plain())
    const second = await norasClient.post(path, given)
    expect(second.status).toBe(201)
    expect(second.body.id).not.toBe(first.body.id)
  })

  test('only for a referral that waits for an answer', async () => {
    const draft = await aDraftReferral()
    const given = { email: 'post@praxis.example' }
    const refused = { status: 409, body: { code: 'referral_awaits_no_answer' } }
    expect(await norasClient.post(`/v1/referrals/${draft.id}/answer-link`, given)).toMatchObject(refused)
    const { id } = await service.anAcceptedReferral()
    expect(await norasClient.post(`/v1/referrals/${id}/answer-link`, given)).toMatchObject(refused)
    expect((await norasClient.get(`/v1/referrals/${id}/answer-link`)).status).toBe(404)
  })

  test('and nobody else gives, reads or revokes one', async () => {
    const { id, linkId } = await aLink()
    for (const member of [otto, mira]) {
      const client = await as(member)
      expect((await client.post(`/v1/referrals/${id}/answer-link`, { email: 'a@b.example' })).status).toBe(
        404,
      )
      expect((await client.get(`/v1/referrals/${id}/answer-link`)).status).toBe(404)
      expect((await client.post(`/v1/answer-links/${linkId}/revoke`)).status).toBe(404)
    }
    for (const path of [`/v1/referrals/${id}/answer-link`, `/v1/answer-links/${linkId}/revoke`])
      expect(
        (await antons.post(path, path.endsWith('link') ? { email: 'a@b.example' } : undefined)).status,
      ).toBe(403)
    expect((await stateOf(id)).status).toBe('waiting')
  })
})

describe('the link goes out by e-mail', () => {
  const publicUrl = 'https://lotse.example'
  const post = async (linkId: string, tenantId = nora.tenantId) => {
    const mails: { to: string; subject: string; text: string }[] = []
    const mailer = (mail: (typeof mails)[number]) => Promise.resolve(void mails.push(mail))
    const sent = await mailAnswerLink({ db, keys, mailer, publicUrl }, { tenantId, linkId })
    return { mails, sent }
  }

  test.each(['de', 'en', 'da'] as const)(
    'in %s, without a word about the person and without the code',
    async (language) => {
      const { linkId, id, code } = await aLink({}, { language })
      const { mails, sent } = await post(linkId)
      expect(sent).toBe(true)
      const [mail] = mails
      expect(mail!.to).toBe('post@praxis.example')
      const everything = `${mail!.subject}\n${mail!.text}`
      expect(everything).toContain(`${publicUrl}${pathOf(linkId)}\n`)
      for (const secret of [code, 'Kanaria', 'Vogelsang', 'Nora', nora.tenantId, linkId, id])
        expect(everything).not.toContain(secret)
      expect((await stateOf(id))['mailedAt']).not.toBeNull()
    },
  )

  test('once, however often the job runs, and again when the mail server did not take it', async () => {
    const { linkId, id } = await aLink()
    const mailer = () => Promise.reject(new Error('not now'))
    await expect(
      mailAnswerLink({ db, keys, mailer, publicUrl }, { tenantId: nora.tenantId, linkId }),
    ).rejects.toThrow('not now')
    expect((await stateOf(id))['mailedAt']).toBeNull()
    const both = await Promise.all([post(linkId), post(linkId)])
    expect(both.flatMap(({ mails }) => mails)).toHaveLength(1)
    expect((await post(linkId)).sent).toBe(false)
  })

  test('and not at all when it was revoked meanwhile', async () => {
    const { linkId } = await aLink()
    done(await norasClient.post(`/v1/answer-links/${linkId}/revoke`))
    expect(await post(linkId)).toEqual({ mails: [], sent: false })
  })

  test.each([
    [
      'its release was withdrawn',
      (_: string, releaseId: string) => ['nora', `/v1/releases/${releaseId}/withdraw`],
    ],
    ['the referral was withdrawn', (id: string) => ['nora', `/v1/referrals/${id}/withdraw`]],
    ['the agency has accepted under its account', (id: string) => ['anton', `/v1/referrals/${id}/accept`]],
  ] as const)('and not at all when %s meanwhile', async (_, act) => {
    const { id, linkId, releaseId } = await aLink()
    const [who, path] = act(id, releaseId)
    done(await (who === 'nora' ? norasClient : antons).post(path!))
    expect(await post(linkId)).toEqual({ mails: [], sent: false })
    const [kept] = await sql<{ mailed_at: unknown }>('select mailed_at from answer_links where id = $1', [
      linkId,
    ])
    expect(kept!.mailed_at).toBeNull()
  })

  test('to whoever has put it on a waiting list, and still owes an answer', async () => {
    const { id, linkId } = await aLink()
    done(await antons.post(`/v1/referrals/${id}/waitlist`, { position: 1, expectedOn: inDays(20) }))
    expect((await post(linkId)).sent).toBe(true)
  })

  test('by a job that is queued with the link, and names ids only', async () => {
    const { linkId, id } = await aLink()
    const jobs = await sql<{ job: string }>('select j::text as job from jobs._private_jobs j', []).catch(() =>
      sql<{ job: string }>('select j::text as job from graphile_worker._private_jobs j', []),
    )
    const [job] = jobs.filter((one) => one.job.includes(linkId))
    expect(job!.job).toContain(nora.tenantId)
    expect(job!.job).not.toMatch(/praxis\.example|Kanaria/)
    expect(job!.job).not.toContain(id)
  })
})

describe('the page', () => {
  test('asks for the code, and says nothing about anybody before', async () => {
    const { path, code } = await aLink()
    const page = await follow(path)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<html lang="de">')
    expect(page.text).toContain('<label for="code">Sechsstelliger Code</label>')
    for (const secret of [code, 'Kanaria', 'Vogelsang', 'Nora', 'Mitte', 'Wehr', 'stay stopped'])
      expect(page.text).not.toContain(secret)
  })

  test('speaks three languages, that of the link first', async () => {
    const { path } = await aLink({}, { language: 'da' })
    expect((await follow(path)).text).toContain('<html lang="da">')
    expect((await follow(`${path}?lang=en`)).text).toContain('Your code, please')
    expect((await follow(`${path}?lang=de`)).text).toContain('Ihr Code, bitte')
    expect((await follow(`${path}?lang=xx`)).text).toContain('Jeres kode, tak')
    expect((await follow(path)).text).toContain(
      `<a href="${path}?lang=en" lang="en" hreflang="en">English</a>`,
    )
  })

  test('brings nothing from outside, runs nothing, and is kept nowhere', async () => {
    const { path, code } = await anOpenedLink()
    const opened = await follow(path, { cookie: cookieIn(await follow(path, {}, { code }))! })
    for (const page of [await follow(path), opened, await follow('/answer/none')]) {
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      )
      expect(page.headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-type': 'text/html; charset=utf-8',
      })
      expect(page.text).not.toMatch(/<script|<img|<link|<iframe|javascript:|https?:|url\(|style="| on\w+=/)
      const [, sheet] = /<style>([\s\S]*)<\/style>/.exec(page.bytes.toString())!
      const { createHash } = await import('node:crypto')
      const hash = createHash('sha256').update(sheet!).digest('base64')
      expect(page.headers['content-security-policy']).toContain(`'sha256-${hash}'`)
    }
  })

  test('can be read by everybody: one heading, a label for every field, a language, no trap for the keyboard', async () => {
    const { path, cookie } = await anOpenedLink({ attached: 'Kanaria' })
    for (const { text } of [
      await follow(path),
      await follow(path, { cookie }),
      await give({ path, cookie }, { name: '' }),
    ]) {
      expect(text.match(/<h1>/g)).toHaveLength(1)
      expect(text).toMatch(/<html lang="\w\w">/)
      expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"')
      expect(text).toContain('<main id="main">')
      const fields = [...text.matchAll(/<(?:input|select|textarea)[^>]* id="([\w-]+)"/g)].map(([, id]) => id)
      expect(fields.length).toBeGreaterThan(0)
      for (const id of fields) expect(text, id).toContain(`<label for="${id}">`)
      const ids = [...text.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [, described] of text.matchAll(/aria-describedby="([^"]+)"/g))
        for (const id of described!.split(' ')) expect(ids).toContain(id)
      expect(text).not.toMatch(/tabindex="[1-9]/)
      const levels = [...text.matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
      levels.forEach((level, at) => expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1))
    }
  })
})

describe('the code', () => {
  test('opens the page in this browser for half an hour', async () => {
    const { path, code, id } = await aLink()
    const answer = await follow(path, {}, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
    expect(answer).toMatchObject({ status: 303, headers: { location: `${path}?lang=de` } })
    expect(answer.headers['set-cookie']).toMatch(
      new RegExp(`^lotse_answer=\\d+\\.[\\w-]{43}; Max-Age=1800; Path=${path}; HttpOnly; SameSite=Strict$`),
    )
    expect(await stateOf(id)).toMatchObject({ status: 'open', tries: 0 })
    expect((await follow(path, { cookie: cookieIn(answer)! })).text).toContain('Kanaria')
    // Another browser has to know the code as well.
    const elsewhere = await follow(path)
    expect(elsewhere.text).toContain('name="code"')
    expect(elsewhere.text).not.toContain('Kanaria')
  })

  test('through a proxy or under a name the cookie travels encrypted only', async () => {
    const { path, code } = await aLink()
    const { request } = await import('node:http')
    const cookie = await new Promise<string>((resolve, reject) => {
      const url = new URL(`${address}${path}`)
      const headers = { host: 'lotse.example', 'content-type': 'application/x-www-form-urlencoded' }
      request(url, { method: 'POST', headers }, (response) => resolve(String(response.headers['set-cookie'])))
        .on('error', reject)
        .end(`code=${code}`)
    })
    expect(cookie).toContain('; Secure')
  })

  test('after five wrong ones the link is locked for good, and the lead is told', async () => {
    const { path, code, id, caseId } = await aLink()
    for (let n = 1; n <= 4; n += 1) {
      const answer = await follow(path, {}, { code: another(code, n) })
      expect(answer.status).toBe(403)
      expect(answer.text).toContain(n === 4 ? 'noch einen Versuch' : `noch ${5 - n} Versuche`)
      expect(answer.text).toContain('role="alert"')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(asPlain(await follow(path, {}, { code: another(code, 5) }))).toEqual(await plain())
    expect(asPlain(await follow(path, {}, { code }))).toEqual(await plain())
    expect(asPlain(await follow(path))).toEqual(await plain())
    expect(await stateOf(id)).toMatchObject({ status: 'locked', tries: 5 })
    const told = await sql('select audience, case_id from notices where kind = $1 and subject_id = $2', [
      'answer_link_locked',
      id,
    ])
    expect(told).toEqual([{ audience: 'lead', case_id: caseId }])
    // A new one can be given at once.
    expect(
      (await norasClient.post(`/v1/referrals/${id}/answer-link`, { email: 'post@praxis.example' })).status,
    ).toBe(201)
  })

  test('is guessed slowly by whoever tries many links from one address, and the right one waits with them', async () => {
    await sql('delete from attempt_counters')
    const [one, other] = [await aLink(), await aLink()]
    expect((await follow(one.path, {}, { code: another(one.code, 1) })).status).toBe(403)
    expect(await sql('select failures from attempt_counters')).toEqual([{ failures: 1 }])
    await sql('update attempt_counters set failures = 49')
    expect((await follow(one.path, {}, { code: one.code })).status).toBe(303)
    for (const n of [1, 2])
      expect((await follow(other.path, {}, { code: another(other.code, n) })).status).toBe(403)
    const blocked = await follow(other.path, {}, { code: other.code })
    expect(blocked.status).toBe(429)
    expect(blocked.headers['retry-after']).toBe('1')
    expect(blocked.text).toContain('Das geht gerade nicht')
    expect(blocked.text).not.toContain('Kanaria')
    // It was not looked at: the link still has its tries.
    expect((await stateOf(other.id))['tries']).toBe(2)
    await sql('delete from attempt_counters')
    expect((await follow(other.path, {}, { code: other.code })).status).toBe(303)
  })

  test('of twenty wrong ones at the same moment, through two processes, five count', async () => {
    const { path, code, id } = await aLink()
    const second = await createApp({
      databaseUrl: service.urls.service,
      databasePool: 6,
      keys,
      log: service.log,
    })
    try {
      const at = await second.app.listen({ host: '127.0.0.1', port: 0 })
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          follow(path, { at: n % 2 ? at : address }, { code: another(code, n + 1) }),
        ),
      )
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(4)
      expect(answers.filter(({ status }) => status === 404)).toHaveLength(16)
    } finally {
      await second.app.close()
    }
    expect((await stateOf(id))['tries']).toBe(5)
    expect((await follow(path, {}, { code })).status).toBe(404)
    expect(
      await sql(`select from notices where kind = 'answer_link_locked' and subject_id = $1`, [id]),
    ).toHaveLength(1)
  })

  test('locks also whoever had opened it', async () => {
    const { path, code, cookie } = await anOpenedLink()
    for (let n = 1; n <= 5; n += 1) await follow(path, {}, { code: another(code, n) })
    expect(asPlain(await follow(path, { cookie }))).toEqual(await plain())
    expect((await give({ path, cookie })).status).toBe(404)
  })

  test('is no use in a form of another site', async () => {
    const { path, code, id } = await aLink()
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: `${address}.evil.example` },
    ] as Record<string, string>[])
      expect(asPlain(await follow(path, { headers }, { code })), JSON.stringify(headers)).toEqual(
        await plain(),
      )
    expect((await stateOf(id)).status).toBe('waiting')
    for (const headers of [
      { origin: address, 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
    ])
      expect((await follow(path, { headers }, { code })).status).toBe(303)
  })
})

describe('whoever has no valid link sees one and the same page', () => {
  test('wrong, tampered, of another municipality, expired, revoked, locked or answered', async () => {
    const same = await plain()
    expect(same.status).toBe(404)
    expect(same.text).toContain('Bitte fragen Sie bei der Stelle nach')
    expect(same.text).toContain('Please ask the organisation')
    expect(same.text).toContain('Spørg venligst')

    const { path, linkId } = await aLink()
    const token = path.slice('/answer/'.length)
    const tampered = [
      'none',
      'x'.repeat(64),
      `${token.slice(0, 63)}${token.endsWith('A') ? 'B' : 'A'}`,
      `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`,
      token.slice(0, 63),
      `${token}A`,
    ]
    for (const wrong of tampered)
      for (const answer of [
        await follow(`/answer/${wrong}`),
        await follow(`/answer/${wrong}`, {}, { code: '123456' }),
      ])
        expect(asPlain(answer), wrong).toEqual(same)
    expect(asPlain(await follow(pathOf(linkId, otto.tenantId)))).toEqual(same)
    expect((await follow(path)).status).toBe(200)

    const expired = await aLink()
    await sql(`update answer_links set expires_at = now() - interval '1 second' where id = $1`, [
      expired.linkId,
    ])
    const revoked = await aLink()
    done(await norasClient.post(`/v1/answer-links/${revoked.linkId}/revoke`))
    const answered = await anOpenedLink()
    expect((await give(answered)).status).toBe(200)
    for (const { path: gone, code } of [expired, revoked, answered])
      for (const answer of [
        await follow(gone),
        await follow(gone, {}, { code }),
        await follow(gone, { cookie: answered.cookie }),
      ])
        expect(asPlain(answer)).toEqual(same)
    expect((await stateOf(expired.id)).status).toBe('expired')
  })

  test('a cookie opens its own link only, for its own time only, and cannot be made up', async () => {
    const one = await anOpenedLink()
    const other = await anOpenedLink()
    const [until, hash] = one.cookie.slice('lotse_answer='.length).split('.')
    const later = `lotse_answer=${Number(until) + 60_000}.${hash!}`
    const past = `lotse_answer=${tokens.passFor({ tenantId: nora.tenantId, linkId: one.linkId }, Date.now() - 1)}`
    for (const cookie of [other.cookie, later, past, 'lotse_answer=x', `${one.cookie}x`]) {
      const page = await follow(one.path, { cookie })
      expect(page.text).toContain('name="code"')
      expect(page.text).not.toContain('Kanaria')
      expect((await give({ ...one, cookie })).status).toBe(404)
    }
    expect((await referral(one.id)).status).toBe('sent')
    // The time that the database keeps ends it too, whatever the cookie says.
    await sql(`update answer_links set opened_until = now() - interval '1 second' where id = $1`, [
      one.linkId,
    ])
    expect((await follow(one.path, { cookie: one.cookie })).text).not.toContain('Kanaria')
    expect((await give(one)).status).toBe(404)
  })
})

describe('whoever has opened it', () => {
  test('sees what was disclosed, by topic and in words, with the notice and by when an answer is due', async () => {
    const draft = await aDraftReferral({ situation: 'Kanaria wants to <b>stop</b>\nand "stay" stopped' })
    await service.aFinishedClearing(draft.caseId, 'Kanaria drinks less')
    done(
      await norasClient.edit(`/v1/referrals/${draft.id}`, {
        categories: ['existence_of_contact', 'identity_contact', 'substance_use'],
        urgency: 'urgent',
      }),
    )
    done(
      await norasClient.post(
        `/v1/referrals/${draft.id}/attachments`,
        aForm('clearing_summary', aPdf('Kanaria'), 'Brief & <mehr>.pdf'),
      ),
    )
    done(await norasClient.post(`/v1/referrals/${draft.id}/send`))
    const { id: linkId, code } = await anAnswerLink(draft.id)
    const path = pathOf(linkId)
    const cookie = cookieIn(await follow(path, {}, { code: String(code) }))!
    const { text } = await follow(path, { cookie })
    expect(text).toContain('Lotsenstelle Mitte')
    expect(text).toContain('Angebot: Suchtberatung Am Wehr')
    expect(text).toContain('Kanaria wants to &lt;b&gt;stop&lt;/b&gt;\nand &quot;stay&quot; stopped')
    expect(text).toContain('Kanaria drinks less')
    expect(text).toMatch(/<dt>Vorname<\/dt><dd>Kanaria<\/dd>/)
    expect(text).toMatch(/<dt>Geburtsdatum<\/dt><dd>4\. Mai 1990<\/dd>/)
    expect(text).toContain('aufgrund einer Schweigepflichtentbindung')
    expect(text).toContain(label('urgency', 'urgent', 'de'))
    expect(text).toContain(`<time datetime="${String((await referral(draft.id))['answerDueOn'])}">`)
    expect(text).toContain('Brief &amp; &lt;mehr&gt;.pdf</a>')
    for (const code of codes('decline_reason'))
      expect(text).toContain(`<option value="${code}">${label('decline_reason', code, 'de')}`)
    // Nothing that was not asked for, and no handle on the person.
    expect(text).not.toContain(label('life_domain', 'housing', 'de'))
    for (const secret of [
      draft.clientId,
      draft.caseId,
      draft.releaseId,
      draft.id,
      'undefined',
      'null',
      '[object',
    ])
      expect(text).not.toContain(secret)
    const danish = await follow(`${path}?lang=da`, { cookie })
    expect(danish.text).toContain('<dt>Fornavn</dt>')
    expect(danish.text).toContain('på grundlag af et samtykke')

    const [, file] = /href="(\/answer\/[\w-]+\/attachments\/[\w-]+)"/.exec(text)!
    const document = await follow(file!, { cookie })
    expect(document.bytes.equals(aPdf('Kanaria'))).toBe(true)
    expect(document.headers).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-disposition': expect.stringMatching(/^attachment; .*Brief%20%26%20%3Cmehr%3E\.pdf$/) as string,
    })
    expect(asPlain(await follow(file!))).toEqual(await plain())
  })

  test('reads answers of the interview in the words of its questions', async () => {
    const draft = await aDraftReferral()
    const { id: clearing } = await service.aClearing(draft.caseId)
    const ratings = Object.fromEntries(codes('life_domain').map((domain) => [domain, { need: 'n1' }]))
    const answers = { 'substance_use.wish': 'stay_stopped', 'substance_use.main': 'alcohol' }
    done(await norasClient.edit(`/v1/clearings/${clearing}`, { ratings, answers }))
    done(await norasClient.post(`/v1/clearings/${clearing}/finish`))
    done(await norasClient.edit(`/v1/referrals/${draft.id}`, { categories: ['substance_use'] }))
    done(await norasClient.post(`/v1/referrals/${draft.id}/send`))
    const { id: linkId, code } = await anAnswerLink(draft.id, { language: 'en' })
    const cookie = cookieIn(await follow(pathOf(linkId), {}, { code: String(code) }))!
    const { text } = await follow(pathOf(linkId), { cookie })
    expect(text).toContain('<dt>What is it mainly about for you?</dt><dd>Alcohol</dd>')
    expect(text).toContain('<dd>To stay without it</dd>')
    expect(text).not.toMatch(/stay_stopped|substance_use\.\w+</)
  })

  test('reaches the documents of this referral only', async () => {
    const one = await anOpenedLink({ attached: 'Kanaria' })
    const other = await aSentReferral({ attached: 'Kanaria of the other' })
    for (const id of [other.attachmentId, '00000000-0000-4000-8000-000000000001', 'x'])
      expect(asPlain(await follow(`${one.path}/attachments/${id}`, { cookie: one.cookie })), id).toEqual(
        await plain(),
      )
  })

  test.each([
    [
      'the release is withdrawn',
      ({ releaseId }: { releaseId: string; id: string }) =>
        norasClient.post(`/v1/releases/${releaseId}/withdraw`),
    ],
    [
      'the referral is withdrawn',
      ({ id }: { releaseId: string; id: string }) => norasClient.post(`/v1/referrals/${id}/withdraw`, {}),
    ],
    [
      'somebody with an account accepts',
      ({ id }: { releaseId: string; id: string }) => antons.post(`/v1/referrals/${id}/accept`),
    ],
  ])('sees nothing and answers nothing any more once %s', async (_, happens) => {
    const link = await anOpenedLink({ attached: 'Kanaria' })
    expect((await follow(link.path, { cookie: link.cookie })).text).toContain('Kanaria')
    done(await happens(link))
    const { status } = await referral(link.id)
    const same = await plain()
    expect(asPlain(await follow(link.path, { cookie: link.cookie }))).toEqual(same)
    expect(
      asPlain(await follow(`${link.path}/attachments/${link.attachmentId}`, { cookie: link.cookie })),
    ).toEqual(same)
    expect(asPlain(await give(link))).toEqual(same)
    expect(asPlain(await give(link, { name: '' }))).toEqual(same)
    expect((await referral(link.id)).status).toBe(status)
    expect((await referral(link.id))['answeredByLink']).toBe(false)
    expect(await stateOf(link.id)).toMatchObject({ status: 'closed', answeredAt: null })
  })

  test('is shown nothing whose release has run out, and may answer all the same', async () => {
    const link = await anOpenedLink({ attached: 'Kanaria' })
    await sql(`update disclosures set valid_until = now() - interval '1 second' where subject_id = $1`, [
      link.id,
    ])
    await sql(`update attachments set valid_until = now() - interval '1 second' where referral_id = $1`, [
      link.id,
    ])
    const page = await follow(link.path, { cookie: link.cookie })
    expect(page.text).not.toMatch(/Kanaria|Vogelsang/)
    expect(page.text).toContain('Zurzeit darf Ihnen nichts mehr gezeigt werden')
    expect((await give(link)).status).toBe(200)
  })
})

describe('the answer', () => {
  test('accepts like somebody with an account: the lead is told, the clock stands, the page is closed', async () => {
    const link = await anOpenedLink({ attached: 'Kanaria' })
    const answer = await give(link)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('Danke für Ihre Antwort')
    expect(answer.text).not.toMatch(/Kanaria|Vogelsang|stay stopped/)
    expect(await referral(link.id)).toMatchObject({
      status: 'accepted',
      answeredByName: 'Ida Brand',
      answeredByLink: true,
      overdue: false,
    })
    expect(await stateOf(link.id)).toMatchObject({
      status: 'answered',
      answeredAt: expect.any(String) as string,
    })
    const [clock] = await sql('select stopped_by from deadlines where subject_id = $1', [link.id])
    expect(clock).toEqual({ stopped_by: 'answered' })
    const told = await sql(
      `select audience from notices where kind = 'referral_answered' and subject_id = $1`,
      [link.id],
    )
    expect(told).toEqual([{ audience: 'lead' }])
    const same = await plain()
    for (const gone of [
      await follow(link.path, { cookie: link.cookie }),
      await follow(`${link.path}/attachments/${link.attachmentId}`, { cookie: link.cookie }),
      await give(link),
      await give(link, { decision: 'decline', reason: 'no_capacity', note: '', name: 'Ida Brand' }),
    ])
      expect(asPlain(gone)).toEqual(same)
    // The organisation itself still sees what was disclosed to it.
    expect((await antons.get(`/v1/referrals/${link.id}`)).text).toContain('Kanaria')
  })

  test('declines with a reason, and ends every view of the recipient', async () => {
    const link = await anOpenedLink({ attached: 'Kanaria' })
    const answer = await give(link, {
      decision: 'decline',
      reason: 'other',
      note: 'We are moving',
      name: 'Ida Brand',
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('Sie haben abgelehnt')
    expect(answer.text).not.toMatch(/Kanaria|Vogelsang/)
    expect(await referral(link.id)).toMatchObject({
      status: 'declined',
      declineReason: 'other',
      declineNote: 'We are moving',
      answeredByName: 'Ida Brand',
      answeredByLink: true,
    })
    expect((await antons.get(`/v1/referrals/${link.id}`)).text).not.toContain('Kanaria')
    expect((await antons.get(`/v1/attachments/${link.attachmentId}`)).status).toBe(404)
  })

  test('is asked for once more when something is missing, and keeps what was written, as text', async () => {
    const link = await anOpenedLink()
    const lines = '"><script>alert(1)</script>'
    const [noDecision, noReason, noSentence, noName, made] = [
      await give(link, { decision: '', reason: '', note: '', name: 'Ida Brand' }),
      await give(link, { decision: 'decline', reason: '', note: lines, name: lines }),
      await give(link, { decision: 'decline', reason: 'other', note: ' ', name: 'Ida Brand' }),
      await give(link, { decision: 'accept', reason: '', note: '', name: ' ' }),
      await give(link, { decision: 'decline', reason: 'made_up', note: '', name: 'Ida\u0007Brand' }),
    ]
    for (const [page, fields] of [
      [noDecision, ['decision']],
      [noReason, ['reason']],
      [noSentence, ['note']],
      [noName, ['name']],
      [made, ['reason', 'name']],
    ] as const) {
      expect(page.status).toBe(400)
      expect([...page.text.matchAll(/<li><a href="#(\w+)">/g)].map(([, field]) => field)).toEqual(fields)
      for (const field of fields) expect(page.text).toContain(` id="${field}"`)
      expect(page.text).toContain('role="alert"')
    }
    expect(noReason.text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>')
    expect(noReason.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    expect(noReason.text).not.toContain('<script')
    expect((await referral(link.id)).status).toBe('sent')
    expect((await stateOf(link.id)).status).toBe('open')
  })

  test('counts once, of however many at the same moment', async () => {
    const link = await anOpenedLink()
    const decline = { decision: 'decline', reason: 'no_capacity', note: '', name: 'Ida Brand' }
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => give(link, n % 2 ? accept : decline)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(5)
    const told = await sql(`select from notices where kind = 'referral_answered' and subject_id = $1`, [
      link.id,
    ])
    expect(told).toHaveLength(1)
  })

  test('and a revocation at the same moment is before or after, never in between', async () => {
    for (let n = 0; n < 5; n += 1) {
      const link = await anOpenedLink()
      const [answer, revoked] = await Promise.all([
        give(link),
        norasClient.post(`/v1/answer-links/${link.linkId}/revoke`),
      ])
      const won = answer.status === 200
      expect([answer.status, revoked.status]).toEqual(won ? [200, 409] : [404, 200])
      expect((await referral(link.id)).status).toBe(won ? 'accepted' : 'sent')
    }
  })

  test('needs the cookie: whoever only knows the address answers nothing', async () => {
    const link = await anOpenedLink()
    expect(asPlain(await follow(`${link.path}/answer`, {}, accept))).toEqual(await plain())
    const headers = { origin: 'https://evil.example' }
    expect((await follow(`${link.path}/answer`, { cookie: link.cookie, headers }, accept)).status).toBe(404)
    const json = { 'content-type': 'application/json' }
    const sent = await fetch(`${address}${link.path}/answer`, {
      method: 'POST',
      headers: { ...json, cookie: link.cookie },
      body: JSON.stringify({ decision: ['accept'], name: { x: 1 } }),
    })
    expect(sent.status).toBe(404)
    const twice = await fetch(`${address}${link.path}/answer`, {
      method: 'POST',
      headers: { cookie: link.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'decision=accept&decision=decline&name=x',
    })
    expect(twice.status).toBe(404)
    expect((await referral(link.id)).status).toBe('sent')
  })

  test('stands in the audit trail under the link, and under nobody’s name', async () => {
    const link = await anOpenedLink()
    await follow(link.path, { cookie: link.cookie })
    await follow(link.path, {}, { code: another(link.code) })
    await give(link)
    await follow(link.path, { cookie: link.cookie })
    const rows = await sql<{ action: string; status: number; client_ids: string[] }>(
      `select action, status, user_id, role, client_ids, fields from audit_events
       where $1 = any (object_ids) and action like 'answers.%' order by at, id`,
      [link.linkId],
    )
    expect(rows).toMatchObject([
      { action: 'answers.unlock', status: 303, user_id: null, role: 'link_holder', client_ids: [] },
      {
        action: 'answers.show',
        status: 200,
        user_id: null,
        role: 'link_holder',
        client_ids: [link.clientId],
      },
      {
        action: 'answers.unlock',
        status: 403,
        user_id: null,
        role: 'link_holder',
        client_ids: [],
        fields: ['code'],
      },
      {
        action: 'answers.give',
        status: 200,
        user_id: null,
        role: 'link_holder',
        client_ids: [link.clientId],
        fields: ['decision', 'name'],
      },
      { action: 'answers.show', status: 404, user_id: null, role: 'link_holder', client_ids: [] },
    ])
    expect(JSON.stringify(rows)).not.toMatch(/Ida|Brand/)
    expect(service.logged().join()).not.toMatch(/Kanaria|Ida Brand|answer\/[\w-]{64}/)
  })
})

test('in the database too a link opens one referral and nothing else, and before the code nothing at all', async () => {
  const link = await anOpenedLink({ attached: 'Kanaria' })
  const other = await aSentReferral({ attached: 'Kanaria' })
  const context = { tenant_id: nora.tenantId, role: 'link_holder', link_id: link.linkId } as never
  const opened = { ...(context as object), linked_referral_id: link.id } as never
  const seen = async (given: never, table: string) =>
    (await service.asService<{ id: string }>(given, `select id from ${table}`)).rows.map(({ id }) => id)
  for (const table of [
    'referrals',
    'disclosures',
    'attachments',
    'cases',
    'clients',
    'releases',
    'referral_letters',
    'clearings',
  ])
    expect(await seen(context, table), table).toEqual([])
  expect(await seen(context, 'answer_links')).toEqual([link.linkId])
  expect(await seen(opened, 'referrals')).toEqual([link.id])
  expect(await seen(opened, 'attachments')).toEqual([link.attachmentId])
  expect(await seen(opened, 'disclosures')).toHaveLength(1)
  for (const table of ['cases', 'clients', 'releases', 'referral_letters', 'clearings', 'handovers', 'tasks'])
    expect(await seen(opened, table), table).toEqual([])
  expect(other.id).not.toBe(link.id)
})

test('a head of the unit reads what became of the link as well', async () => {
  const { id } = await aLink()
  expect((await (await as(hanna)).get(`/v1/referrals/${id}/answer-link`)).body).toMatchObject({
    status: 'waiting',
    code: null,
  })
})
