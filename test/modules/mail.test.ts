// Is everybody reminded in their rhythm, once, and does no e-mail say what it is about?
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { v7 as newId } from 'uuid'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { mailNotices } from '../../src/modules/notices/index.ts'
import { createMailer } from '../../src/platform/mail.ts'
import { lotse } from '../support/app.ts'
import { anton, carla, hanna, nils, nora, otto, sina, type Member } from '../support/cast.ts'
import { today } from '../support/factories.ts'

const { as, sql, db, log, logged, anAcceptedHandover, aCase } = await lotse()

interface Letter {
  to: string[]
  headers: string
  text: string
  raw: string
}
let letters: Letter[] = []
const refused = new Set<string>()
let greeting = true

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  logger: false,
  onConnect: (_, done) => done(greeting ? null : new Error('not now')),
  onRcptTo: ({ address }, _, done) =>
    done(refused.has(address) ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
  onData: (stream, session, done) => {
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => {
      const raw = Buffer.concat(pieces).toString()
      const [headers = '', ...body] = raw.split('\r\n\r\n')
      letters.push({
        to: session.envelope.rcptTo.map(({ address }) => address),
        headers,
        text: decoded(headers, body.join('\r\n\r\n')),
        raw,
      })
      done()
    })
  },
})
server.listen(0, '127.0.0.1')
await once(server.server, 'listening')
const { port } = server.server.address() as AddressInfo
afterAll(() => new Promise<void>((resolve) => server.close(resolve)))

function decoded(headers: string, body: string) {
  if (/transfer-encoding: base64/i.test(headers)) return Buffer.from(body, 'base64').toString()
  if (!/quoted-printable/i.test(headers)) return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

const from = 'lotse@lindenau.example'
const publicUrl = 'https://lotse.lindenau.example'
const mailer = createMailer(`smtp://127.0.0.1:${port}`, from)
let broken = 0
const failed = () => void (broken += 1)
const round = (tenantId = nora.tenantId) => mailNotices({ db, log, mailer, publicUrl, failed }, tenantId)
const lettersTo = (member: Member) => letters.filter(({ to }) => to.includes(member.email))

async function told(given: Record<string, unknown>, by: Member = nora): Promise<string> {
  const row = {
    tenant_id: by.tenantId,
    id: newId(),
    kind: 'referral_received',
    subject_kind: 'referral',
    subject_id: newId(),
    created_at: new Date(Date.now() - 60_000),
    ...given,
  }
  const names = Object.keys(row)
  await sql(
    `insert into notices (${names.join()}) values (${names.map((_, at) => `$${at + 1}`).join()})`,
    Object.values(row),
  )
  return row.id
}
const toMember = (member: Member, more = {}) =>
  told({ audience: 'member', to_membership_id: member.membershipId, ...more }, member)

async function rhythm(member: Member, value: 'at_once' | 'daily' | 'never') {
  expect((await (await as(member)).edit('/v1/me/mail', { rhythm: value })).status).toBe(200)
}
const isMailed = async (id: string) =>
  (await sql<{ at: string | null }>('select mailed_at as at from notices where id = $1', [id]))[0]!.at !==
  null

/** The clock on the wall of a municipality, some hours from now: its zone is moved instead of the time. */
async function atHour(hour: number) {
  const shift = ((hour - new Date().getUTCHours() + 36) % 24) - 12
  // POSIX counts to the west.
  await sql('update tenants set time_zone = $1 where id = $2', [
    shift === 0 ? 'UTC' : `Etc/GMT${shift > 0 ? '-' : '+'}${Math.abs(shift)}`,
    nora.tenantId,
  ])
}

beforeEach(async () => {
  await sql('delete from notices')
  await sql('delete from mail_settings')
  letters = []
  refused.clear()
  greeting = true
  await atHour(12)
})

test('an e-mail says that something waits, where to sign in, and nothing else', async () => {
  await anAcceptedHandover({ to: 'wehr', situation: 'Kanari-Vogel' })
  await sql(`update notices set created_at = now() - interval '1 minute'`)
  expect(await round()).toBeGreaterThan(0)
  const [letter] = lettersTo(anton)
  expect(letter!.headers).toMatch(/^Subject: In Lotse wartet etwas auf Sie$/m)
  expect(letter!.headers).toMatch(/^From: Lotse <lotse@lindenau\.example>$/m)
  expect(letter!.headers).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(letter!.headers).toMatch(/^Content-Type: text\/plain/m)
  expect(letter!.text).toContain('Stadt Lindenau')
  expect(letter!.text).toContain(publicUrl)
  for (const { raw, text } of letters)
    for (const secret of [/Kanari/, /Vogelsang/, /Käfig/, /0555/, /Nora|Anton|Hanna|Lenz/, /Wehr|Mitte/])
      for (const said of [raw.replace(/^(To|From|Message-ID): .*$/gm, ''), text])
        expect(said).not.toMatch(secret)
  for (const { text } of letters)
    expect(text).not.toMatch(/Vermittlung|Übergabe|Fall|[0-9a-f]{8}-[0-9a-f]{4}/)
  expect(letters.filter(({ to }) => to.length !== 1)).toEqual([])
})

test('once a day means one e-mail for all that waits, after eight in the morning', async () => {
  await atHour(7)
  const ids = [await toMember(nora), await toMember(nora), await toMember(nora)]
  expect(await round()).toBe(0)
  expect(await Promise.all(ids.map(isMailed))).toEqual([false, false, false])

  await atHour(8)
  expect(await round()).toBe(1)
  expect(lettersTo(nora)).toHaveLength(1)
  expect(lettersTo(nora)[0]!.text).toContain('warten 3 Sachen')
  expect(await Promise.all(ids.map(isMailed))).toEqual([true, true, true])

  const next = await toMember(nora, { created_at: new Date(Date.now() - 31_000) })
  await sql(`update mail_settings set mailed_until = now() - interval '1 minute'`)
  expect(await round()).toBe(0)
  expect(await isMailed(next)).toBe(false)
  // The day after.
  await sql(`update mail_settings set mailed_until = now() - interval '1 day'`)
  expect(await round()).toBe(1)
  expect(lettersTo(nora)[1]!.text).toContain('wartet eine Sache')
  expect(letters).toHaveLength(2)
})

test('at once means at once, also at night, and again when something new comes', async () => {
  await rhythm(nora, 'at_once')
  await atHour(3)
  await toMember(nora)
  await toMember(nils)
  expect(await round()).toBe(1)
  expect(await round()).toBe(0)
  await sql(`update mail_settings set mailed_until = now() - interval '2 minutes'`)
  await toMember(nora)
  expect(await round()).toBe(1)
  expect(lettersTo(nora)).toHaveLength(2)
  expect(lettersTo(nils)).toEqual([])
})

test('what was told this very moment waits for the next round, so that nothing is ever overlooked', async () => {
  await rhythm(nora, 'at_once')
  const id = await toMember(nora, { created_at: new Date() })
  expect(await round()).toBe(0)
  await sql(`update notices set created_at = now() - interval '31 seconds' where id = $1`, [id])
  expect(await round()).toBe(1)
})

test('never means never, and does not hold up the others', async () => {
  await rhythm(nora, 'never')
  await rhythm(nils, 'at_once')
  const id = await told({ audience: 'organization', to_organization_id: nora.organizationId })
  expect(await round()).toBe(3)
  expect(lettersTo(nora)).toEqual([])
  for (const other of [nils, hanna, sina]) expect(lettersTo(other)).toHaveLength(1)
  expect(await isMailed(id)).toBe(true)
})

test('everybody reads it in their own language', async () => {
  await sql(`update users set language = 'da' where id = $1`, [nora.userId])
  await sql(`update users set language = 'en' where id = $1`, [hanna.userId])
  await Promise.all([toMember(nora), toMember(hanna), toMember(nils)])
  expect(await round()).toBe(3)
  await sql(`update users set language = 'de'`)
  expect(lettersTo(nora)[0]!.text).toContain('Der venter én ting på dig i Lotse.')
  expect(lettersTo(hanna)[0]!.text).toContain('One thing waits for you in Lotse.')
  expect(lettersTo(nils)[0]!.text).toContain('In Lotse wartet eine Sache auf Sie.')
})

test('what has been seen needs no e-mail', async () => {
  const id = await toMember(nora)
  expect((await (await as(nora)).post(`/v1/notices/${id}/seen`)).status).toBe(200)
  expect(await round()).toBe(0)
  expect(letters).toEqual([])
})

test('a lead, who stands in for the lead, and the holders of a role are told; a colleague is not', async () => {
  const { id } = await aCase()
  await sql('delete from notices')
  await told({ audience: 'lead', case_id: id, compartment_id: nora.organizationId })
  await told({ audience: 'role', to_role: 'coordinator' })
  const [substitution] = await sql<{ id: string }>(
    `insert into substitutions (tenant_id, id, organization_id, absent_membership_id, substitute_membership_id,
       from_on, until_on, created_by_user_id) values ($1, $2, $3, $4, $5, $6, $6, $7) returning id`,
    [
      nora.tenantId,
      newId(),
      nora.organizationId,
      nora.membershipId,
      nils.membershipId,
      today(),
      hanna.userId,
    ],
  )
  await atHour(12)
  await sql(`update substitutions set from_on = from_on - 1, until_on = until_on + 1 where id = $1`, [
    substitution!.id,
  ])
  await round()
  expect(letters.flatMap(({ to }) => to).sort()).toEqual([nora.email, nils.email, carla.email].sort())
  await sql('delete from substitutions')
})

test('whoever has left or was deactivated gets nothing, and holds nothing up', async () => {
  await sql('update users set active = false where id = $1', [nils.userId])
  try {
    const id = await toMember(nils)
    expect(await round()).toBe(0)
    expect(await isMailed(id)).toBe(true)
  } finally {
    await sql('update users set active = true where id = $1', [nils.userId])
  }
})

test('an address that is refused is tried again later; the others get theirs once', async () => {
  refused.add(nils.email)
  const id = await told({ audience: 'organization', to_organization_id: nora.organizationId })
  expect(await round()).toBe(3)
  expect(await isMailed(id)).toBe(false)
  expect(await round()).toBe(0)
  expect([lettersTo(nora), lettersTo(hanna), lettersTo(nils)].map(({ length }) => length)).toEqual([1, 1, 0])
  // One mailbox that is gone wakes nobody who runs the service.
  expect(broken).toBe(0)
  refused.clear()
  expect(await round()).toBe(1)
  expect(await isMailed(id)).toBe(true)
  expect(letters).toHaveLength(4)
  // The log names a membership, never an address or what the server said of it.
  expect(logged().join('')).toContain('an e-mail was not taken')
  expect(logged().join('')).not.toMatch(/no such mailbox|nils\.|@lindenau/)
})

test('a server that takes nothing costs one try for all, and nothing is marked', async () => {
  greeting = false
  const id = await told({ audience: 'organization', to_organization_id: nora.organizationId })
  const before = logged().length
  expect(await round()).toBe(0)
  expect(
    logged()
      .slice(before)
      .filter((line) => line.includes('an e-mail was not taken')),
  ).toHaveLength(1)
  expect(broken).toBe(1)
  expect(await isMailed(id)).toBe(false)
  greeting = true
  expect(await round()).toBe(4)
})

test('what nobody could deliver for a week is given up, but stays in the list', async () => {
  refused.add(nora.email)
  const id = await toMember(nora, { created_at: new Date(Date.now() - 8 * 86_400_000) })
  expect(await round()).toBe(0)
  expect(await isMailed(id)).toBe(true)
  expect((await (await as(nora)).get('/v1/notices')).body.items.map((notice) => notice.id)).toContain(id)
})

test('two couriers at once write to nobody twice', async () => {
  await told({ audience: 'organization', to_organization_id: nora.organizationId })
  const sent = await Promise.all([round(), round(), round()])
  expect(sent.reduce((all, some) => all + some, 0)).toBe(4)
  expect(letters).toHaveLength(4)
})

test('a round in one municipality writes to nobody in another', async () => {
  await toMember(nora)
  await toMember(otto)
  await round()
  expect(letters.flatMap(({ to }) => to)).toEqual([nora.email])
})

test('every e-mail leaves its row in the audit trail, a round with nothing to do leaves none', async () => {
  const trail = () =>
    sql<{ role: string; ids: string[] }>(
      `select role, object_ids as ids from audit_events where action = 'courier.mail' order by at`,
    )
  const before = (await trail()).length
  await round()
  expect(await trail()).toHaveLength(before)
  await toMember(nora)
  await round()
  const [row] = (await trail()).slice(before)
  expect(row).toEqual({ role: 'courier', ids: [nora.membershipId] })
})

test('nothing in a subject or an address becomes another header or another recipient', async () => {
  await mailer({
    to: nora.email,
    subject: 'Kreis\r\nBcc: spy@elsewhere.example\r\n\r\nMoor',
    text: 'Bcc: spy@elsewhere.example',
  })
  expect(letters).toHaveLength(1)
  expect(letters[0]!.to).toEqual([nora.email])
  expect(letters[0]!.headers).not.toMatch(/^Bcc:/im)
  for (const to of [
    '',
    'nora',
    'nora@lindenau.example, spy@elsewhere.example',
    'nora@lindenau.example\r\nRCPT TO:<spy@elsewhere.example>',
    'nora@lindenau.example>\r\nDATA',
  ])
    await expect(mailer({ to, subject: 'x', text: 'x' }), to).rejects.toThrow('no e-mail address')
  expect(letters).toHaveLength(1)
})

test('to another machine nothing goes out without TLS', async () => {
  // 127.0.0.2 is this machine, but not by one of the names that are trusted.
  const away = createMailer(`smtp://127.0.0.2:${port}`, from)
  await expect(away({ to: nora.email, subject: 'x', text: 'x' })).rejects.toBeDefined()
  const secure = createMailer(`smtps://127.0.0.1:${port}`, from)
  await expect(secure({ to: nora.email, subject: 'x', text: 'x' })).rejects.toBeDefined()
  expect(letters).toEqual([])
})
