// Does a document go along with a referral only as it was released, and is it what it says it is?
import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, cast, mira, nora, odila, olaf, otto } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { aForm, aJpeg, aPdf, aPng, aZip, objectStream } from '../support/files.ts'
import type { Body } from '../support/http.ts'

const service = await lotse()
const { as, sql, address, aDraftReferral, aSentReferral, anAttachment } = service
const norasClient = await as(nora)
const antons = await as(anton)

const attach = (
  referral: string,
  content: Buffer,
  name?: string,
  category = 'clearing_summary',
  type?: string,
) => norasClient.post(`/v1/referrals/${referral}/attachments`, aForm(category, content, name, type))
const listed = async (referral: string, by = norasClient) =>
  (await by.get(`/v1/referrals/${referral}/attachments`)).body.items

const text = 'Kanaria Vogelsang has been sober since March'

describe('a document goes along with a referral', () => {
  test('sealed, so that neither its words nor its name stand in the database', async () => {
    const { id } = await aDraftReferral()
    const { status, body, headers } = await attach(id, aPdf(text), 'Befund Vogelsang.pdf')
    expect(status).toBe(201)
    expect(body).toEqual({
      id: body.id,
      referralId: id,
      name: 'Befund Vogelsang.pdf',
      type: 'pdf',
      size: aPdf(text).length,
      category: 'clearing_summary',
      createdAt: body['createdAt'],
    })
    expect(headers['location']).toBe(`/v1/attachments/${body.id}`)
    const [row] = await sql('select * from attachments where id = $1', [body.id])
    const stored = Object.values(row!)
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
      .join()
    expect(stored).not.toMatch(/Vogelsang|Befund|%PDF/)
    expect(stored.length).toBeGreaterThan(aPdf(text).length)
  })

  test('as the same bytes, to be kept and not shown', async () => {
    const { id } = await aDraftReferral()
    for (const [content, name, type] of [
      [aPdf(text), 'Brief.pdf', 'application/pdf'],
      [aPng(), 'Bild.png', 'image/png'],
      [aJpeg(), 'Foto.JPEG', 'image/jpeg'],
    ] as const) {
      const { body } = done(await attach(id, content, name, 'clearing_summary', 'text/html'))
      const answer = await norasClient.get(`/v1/attachments/${body.id}`)
      expect(answer.status).toBe(200)
      expect(answer.bytes.equals(content)).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-type': type,
        'content-disposition': expect.stringContaining(`filename*=UTF-8''${name}`) as string,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; sandbox",
      })
    }
    expect((await listed(id)).map(({ name }) => name)).toEqual(['Brief.pdf', 'Bild.png', 'Foto.JPEG'])
  })

  test('a sealed document cannot be moved to another row or opened as another column', async () => {
    const { id } = await aDraftReferral()
    const [one, other] = [await anAttachment(id), await anAttachment(id, { text: 'Another' })]
    await sql(
      `update attachments a set sealed_content = b.sealed_content, wrapped_key = b.wrapped_key
         from attachments b where a.id = $1 and b.id = $2`,
      [one.id, other.id],
    )
    const raw = (of: string) =>
      fetch(`${address}/v1/attachments/${of}`, { headers: { authorization: `Bearer ${norasClient.token}` } })
    expect((await raw(one.id)).status).toBe(500)
    const third = await anAttachment(id, { text: 'A third' })
    await sql('update attachments set sealed_content = sealed_name where id = $1', [third.id])
    expect((await raw(third.id)).status).toBe(500)
    expect((await norasClient.get(`/v1/attachments/${other.id}`)).status).toBe(200)
  })

  test('and can be taken away while the referral is a draft', async () => {
    const { id } = await aDraftReferral()
    const { id: attachment } = await anAttachment(id)
    expect((await norasClient.send('DELETE', `/v1/attachments/${attachment}`)).status).toBe(204)
    expect(await listed(id)).toEqual([])
    expect((await norasClient.get(`/v1/attachments/${attachment}`)).status).toBe(404)
    expect((await norasClient.send('DELETE', `/v1/attachments/${attachment}`)).status).toBe(404)
    expect(await sql('select from attachments where id = $1', [attachment])).toEqual([])
  })

  test('a repeated upload is the same upload, and the key of another file is refused', async () => {
    const { id } = await aDraftReferral()
    const path = `/v1/referrals/${id}/attachments`
    const key = { idempotencyKey: `upload-${id}` }
    const first = await norasClient.post(path, aForm('clearing_summary', aPdf(text)), key)
    const again = await norasClient.post(path, aForm('clearing_summary', aPdf(text)), key)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    expect(again.headers['idempotent-replayed']).toBe('true')
    for (const other of [
      aForm('clearing_summary', aPdf('Something else')),
      aForm('identity_contact', aPdf(text)),
      aForm('clearing_summary', aPdf(text), 'other.pdf'),
    ])
      expect(await norasClient.post(path, other, key)).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      })
    expect(await listed(id)).toHaveLength(1)
  })
})

describe('what a file is, its content says', () => {
  const refusal = async (content: Buffer) => {
    const { id } = await aDraftReferral()
    const { status, body } = await attach(id, content)
    return {
      status,
      code: body.code,
      errors: body.errors?.map(({ pointer }) => pointer),
      kept: await listed(id),
    }
  }
  const because = (code: string) => ({ status: 400, code, errors: ['/file'], kept: [] })

  test.each([
    ['an archive called a PDF', aZip()],
    ['a page called a PDF', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a PDF that is an archive as well', Buffer.concat([aPdf(), aZip()])],
    [
      'a PDF that is an archive as well and ends like a PDF',
      Buffer.concat([aPdf(), aZip(), Buffer.from('\n%%EOF\n')]),
    ],
    ['a picture that is an archive as well', Buffer.concat([aJpeg(), aZip()])],
    ['a page in front of a PDF', Buffer.concat([Buffer.from('<script>1</script>\n'), aPdf()])],
    ['a program that hides a PDF', Buffer.concat([Buffer.from('MZ'), aPdf()])],
    ['a PDF without an end', aPdf().subarray(0, 200)],
    ['a PDF with something behind its end', Buffer.concat([aPdf(), Buffer.from('<script>1</script>')])],
    ['the beginning of a PNG', aPng().subarray(0, 20)],
    ['a PNG with something behind its end', Buffer.concat([aPng(), Buffer.from('<script>')])],
    ['the beginning of a JPEG', aJpeg().subarray(0, 12)],
    ['three magic bytes', Buffer.from('ffd8ff', 'hex')],
    ['a GIF', Buffer.from('GIF89a')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is none of ours', async (_, content) => {
    expect(await refusal(content)).toEqual(because('attachment_type_unknown'))
  })

  test.each([
    ['a script', aPdf('x', { catalog: '/OpenAction << /S /JavaScript /JS (app.alert(1)) >>' })],
    ['a script under another spelling', aPdf('x', { catalog: '/OpenAction << /S /Java#53cript /JS (1) >>' })],
    [
      'a script inside an object stream',
      aPdf('x', { extra: objectStream('1 0 << /S /JavaScript /JS (1) >>') }),
    ],
    ['a program to start', aPdf('x', { catalog: '/OpenAction << /S /Launch /F (cmd.exe) >>' })],
    ['a file inside', aPdf('x', { catalog: '/Names << /EmbeddedFiles 5 0 R >>' })],
  ])('a PDF with %s is refused, with the reason', async (_, content) => {
    expect(await refusal(content)).toEqual(because('attachment_is_active'))
  })

  test.each([
    ['is encrypted', aPdf('x', { trailer: '/Encrypt 5 0 R' })],
    [
      'is packed in an unusual way',
      aPdf('x', { extra: objectStream('1 0 <<>>', '/Filter [/ASCIIHexDecode /FlateDecode]') }),
    ],
    [
      'holds a broken object stream',
      aPdf('x', { extra: objectStream('1 0 <<>>').replace(/stream\n../, 'stream\n\0\0') }),
    ],
    [
      'holds an object stream that grows beyond measure',
      aPdf('x', { extra: objectStream(' '.repeat(5_000_000)) }),
    ],
  ])('a PDF that %s cannot be checked, and says so', async (_, content) => {
    expect(await refusal(content)).toEqual(because('attachment_is_protected'))
  })

  test('a PDF with a harmless object stream, and a photo with what cameras write behind it, are fine', async () => {
    const { id } = await aDraftReferral()
    expect((await attach(id, aPdf('x', { extra: objectStream('1 0 << /Type /Font >>') }))).status).toBe(201)
    expect((await attach(id, Buffer.concat([aJpeg(), Buffer.from('SEFT of a camera')]))).status).toBe(201)
  })
})

describe('a file name', () => {
  const nameOf = async (name: string) => {
    const { id } = await aDraftReferral()
    const { body, status } = await attach(id, aPdf(), name)
    return status === 201 ? body['name'] : body.code
  }

  test('loses its path, and gets the ending of what it is', async () => {
    expect(await nameOf('../../etc/passwd')).toBe('passwd.pdf')
    expect(await nameOf('C:\\Temp\\Befund.PDF')).toBe('Befund.PDF')
    expect(await nameOf('invoice.html')).toBe('invoice.html.pdf')
    expect(await nameOf('Grüße von Łukasz.pdf')).toBe('Grüße von Łukasz.pdf')
  })

  test('is refused when it is empty, endless, or hides how it is read', async () => {
    for (const name of ['..', ' ', `${'x'.repeat(201)}.pdf`, 'Befund\u202Efdp.exe', 'Bef\u0007und.pdf'])
      expect(await nameOf(name), JSON.stringify(name)).toBe('attachment_name_unusable')
  })

  test('brings no header of its own into an answer', async () => {
    const { id } = await aDraftReferral()
    const names = ['a"; filename="evil.exe', "a'; x=y", 'a%0d%0aSet-Cookie: x=1', 'ä*(1).pdf']
    for (const name of names) {
      const { body } = done(await attach(id, aPdf(), name))
      const { headers } = await norasClient.get(`/v1/attachments/${body.id}`)
      expect(headers['content-disposition']).toMatch(
        /^attachment; filename="attachment\.pdf"; filename\*=UTF-8''[A-Za-z0-9%._!~-]+$/,
      )
      expect(headers['set-cookie']).toBeUndefined()
    }
    // Percent-encoded in the header of the part, a line break would come through: that is no file to us.
    const raw = await sendRaw(
      id,
      'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'evil%0d%0aSet-Cookie:%20x=1.pdf',
    )
    expect(raw).toMatchObject({ status: 400, body: { errors: [{ pointer: '/file' }] } })
  })

  const sendRaw = (referral: string, disposition: string, content = aPdf().toString('latin1')) =>
    norasClient.send(
      'POST',
      `/v1/referrals/${referral}/attachments`,
      [
        '--x',
        'Content-Disposition: form-data; name="category"',
        '',
        'clearing_summary',
        '--x',
        disposition,
        'Content-Type: application/pdf',
        '',
        content,
        '--x--',
        '',
      ].join('\r\n'),
      { 'content-type': 'multipart/form-data; boundary=x' },
    )

  test('and a form that is none is refused in words, not with an error', async () => {
    const { id } = await aDraftReferral()
    const path = `/v1/referrals/${id}/attachments`
    const send = (body: string, type: string) =>
      norasClient.send('POST', path, body, { 'content-type': type })
    expect(await send('{}', 'application/json')).toMatchObject({
      status: 415,
      body: { code: 'attachment_needs_multipart' },
    })
    expect((await send('x', 'text/plain')).status).toBe(415)
    expect((await send('--y', 'multipart/form-data')).status).toBe(400)
    expect((await send('nothing of a form', 'multipart/form-data; boundary=x')).status).toBe(400)
    const two = aForm('clearing_summary', aPdf())
    two.append('file', new Blob([new Uint8Array(aPdf())]), 'second.pdf')
    const more = aForm('clearing_summary', aPdf())
    more.set('extra', 'x')
    const nameless = new FormData()
    nameless.set('category', 'clearing_summary')
    nameless.set('file', 'only text')
    const proto = aForm('clearing_summary', aPdf())
    proto.set('__proto__', 'x')
    for (const form of [two, more, nameless, proto, aForm('everything', aPdf()), new FormData()])
      expect((await norasClient.post(path, form)).status).toBe(400)
    expect(await listed(id)).toEqual([])
  })
})

describe('no more than was agreed', () => {
  const big = (bytes: number) => {
    const pdf = aPdf('x')
    return Buffer.concat([pdf.subarray(0, 9), randomBytes(bytes - pdf.length), pdf.subarray(9)])
  }

  test('five mebibytes are taken, one byte more is not', async () => {
    const { id } = await aDraftReferral()
    const limit = 5 * 1024 * 1024
    expect((await attach(id, big(limit))).status).toBe(201)
    expect(await attach(id, big(limit + 1))).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    expect(await listed(id)).toHaveLength(1)
  }, 30_000)

  test('what says beforehand that it is too large is refused before it is read', async () => {
    const { id } = await aDraftReferral()
    const answer = await new Promise<{ status: number; text: string; written: number }>((resolve, reject) => {
      const url = new URL(`/v1/referrals/${id}/attachments`, address)
      let written = 0
      const headers = {
        authorization: `Bearer ${norasClient.token}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': String(3 * 1024 * 1024 * 1024),
      }
      const asked = httpRequest(url, { method: 'POST', headers }, (response) => {
        let received = ''
        response.on('data', (chunk: Buffer) => (received += chunk.toString()))
        response.on('end', () => {
          resolve({ status: response.statusCode!, text: received, written })
          asked.destroy()
        })
      })
      asked.on('error', reject)
      written += 1024
      asked.write('x'.repeat(1024))
    })
    expect(answer).toMatchObject({ status: 413, written: 1024 })
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'body_too_large' })
  })

  test('what does not say how large it is is read up to the limit, and not kept beyond it', async () => {
    const { id } = await aDraftReferral()
    const head = [
      '--x',
      'Content-Disposition: form-data; name="category"',
      '',
      'clearing_summary',
      '--x',
      'Content-Disposition: form-data; name="file"; filename="a.pdf"',
      '',
      '%PDF-1.7',
    ].join('\r\n')
    const chunk = new Uint8Array(1024 * 1024)
    async function* endless() {
      yield new TextEncoder().encode(head)
      for (let megabytes = 0; megabytes < 200; megabytes += 1) yield chunk
      yield new TextEncoder().encode('\r\n--x--\r\n')
    }
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }, 5)
    const response = await fetch(`${address}/v1/referrals/${id}/attachments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${norasClient.token}`,
        'content-type': 'multipart/form-data; boundary=x',
      },
      body: ReadableStream.from(endless()),
      duplex: 'half',
    } as RequestInit)
    clearInterval(watch)
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'body_too_large' })
    expect(most).toBeLessThan(100 * 1024 * 1024)
    expect(await listed(id)).toEqual([])
  }, 30_000)

  test('ten documents go along with a referral, also when the last two come at the same moment', async () => {
    const { id } = await aDraftReferral()
    for (let n = 0; n < 9; n += 1) done(await attach(id, aPng(), `${n}.png`))
    const last = await Promise.all([attach(id, aPng(), 'a.png'), attach(id, aPng(), 'b.png')])
    expect(last.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409])
    expect(last.find(({ status }) => status === 409)!.body.code).toBe('too_many_attachments')
    expect(await listed(id)).toHaveLength(10)
  }, 30_000)

  test('whoever may not attach anything is refused before the file is read', async () => {
    const { id } = await aDraftReferral()
    for (const member of [anton, cast.paul]) {
      const client = await as(member)
      const huge = aForm('clearing_summary', big(6 * 1024 * 1024))
      expect((await client.post(`/v1/referrals/${id}/attachments`, huge)).status).toBe(403)
    }
    const unbound = await as(cast.sina)
    expect(
      await unbound.post(`/v1/referrals/${id}/attachments`, aForm('clearing_summary', aPdf())),
    ).toMatchObject({
      status: 403,
      body: { code: 'secrecy_obligation_missing' },
    })
  }, 30_000)
})

describe('the release is the rule for documents too', () => {
  test('a document of a category that is not released stops the sending, and nothing is stripped', async () => {
    const { id } = await aDraftReferral()
    done(await attach(id, aPdf(), 'a.pdf', 'medication'))
    done(await attach(id, aPdf(), 'b.pdf', 'clearing_summary'))
    const refused = await norasClient.post(`/v1/referrals/${id}/send`)
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'not_released', missingCategories: ['medication'] },
    })
    expect(await listed(id)).toHaveLength(2)
    expect((await antons.get(`/v1/referrals/${id}`)).status).toBe(404)
    const medication = (await listed(id)).find(({ name }) => name === 'a.pdf')!
    done(await norasClient.send('DELETE', `/v1/attachments/${medication.id}`))
    expect((await norasClient.post(`/v1/referrals/${id}/send`)).status).toBe(200)
    expect((await listed(id, antons)).map(({ name }) => name)).toEqual(['b.pdf'])
  })

  test('the ledger names its category, but it does not draw along what else is known in it', async () => {
    const { id, caseId } = await aDraftReferral({ situation: 'Kanaria wants to stop' })
    await service.aFinishedClearing(caseId, 'Kanaria said this in the interview')
    done(await attach(id, aPdf(), 'a.pdf', 'substance_use'))
    done(await norasClient.post(`/v1/referrals/${id}/send`))
    const { body, text: seen } = await antons.get(`/v1/referrals/${id}`)
    const { categories, parts } = body['disclosed'] as { categories: string[]; parts: { category: string }[] }
    expect(categories).toContain('substance_use')
    expect(parts.map(({ category }) => category)).not.toContain('substance_use')
    expect(seen).toContain('Kanaria wants to stop')
    const ledger = await norasClient.get(`/v1/cases/${caseId}/disclosures`)
    expect(ledger.body.items[0]!['categories']).toContain('substance_use')
  })

  test('somebody who stays anonymous takes no identifying document along', async () => {
    const kase = await service.aCase()
    const { body } = done(
      await norasClient.post(`/v1/cases/${kase.id}/referrals`, {
        offerId: (await antons.get(`/v1/offers?organizationId=${anton.organizationId}`)).body.items[0]!.id,
      }),
    )
    done(await attach(body.id, aPdf(), 'pass.pdf', 'identity_contact'))
    expect(await norasClient.post(`/v1/referrals/${body.id}/send`)).toMatchObject({
      status: 409,
      body: { code: 'identifying_category', missingCategories: ['identity_contact'] },
    })
  })

  test('nothing of it exists for the recipient before it is sent, and nothing is added or removed after', async () => {
    const { id, attachmentId } = await aDraftReferral({ attached: 'Kanaria' })
    expect((await antons.get(`/v1/attachments/${attachmentId}`)).status).toBe(404)
    expect((await antons.get(`/v1/referrals/${id}/attachments`)).status).toBe(404)
    done(await norasClient.post(`/v1/referrals/${id}/send`))
    expect((await antons.get(`/v1/attachments/${attachmentId}`)).text).toContain('(Kanaria)')
    expect(await attach(id, aPdf())).toMatchObject({ status: 409, body: { code: 'referral_not_draft' } })
    expect(await norasClient.send('DELETE', `/v1/attachments/${attachmentId}`)).toMatchObject({
      status: 409,
      body: { code: 'referral_not_draft' },
    })
    expect((await antons.send('DELETE', `/v1/attachments/${attachmentId}`)).status).toBe(403)
    expect(await listed(id)).toHaveLength(1)
  })

  const endings: [string, (sent: { id: string; releaseId: string; caseId: string }) => Promise<unknown>][] = [
    [
      'the recipient declines',
      async ({ id }) => antons.post(`/v1/referrals/${id}/decline`, { reason: 'no_capacity' }),
    ],
    ['the navigator withdraws', async ({ id }) => norasClient.post(`/v1/referrals/${id}/withdraw`, {})],
    [
      'the release is withdrawn',
      async ({ releaseId }) => norasClient.post(`/v1/releases/${releaseId}/withdraw`),
    ],
    [
      'the case is closed',
      async ({ caseId }) =>
        norasClient.post(`/v1/cases/${caseId}/close`, { endType: 'moved', outcome: 'unchanged' }),
    ],
  ]

  test.each(endings)('when %s, the recipient sees nothing of it any more', async (_, ends) => {
    const sent = await aSentReferral({ attached: 'Kanaria' })
    const { id, attachmentId } = sent
    expect(await listed(id, antons)).toHaveLength(1)
    expect((await antons.get(`/v1/attachments/${attachmentId}`)).status).toBe(200)
    expect(((await ends(sent)) as { status: number }).status).toBe(200)
    expect((await antons.get(`/v1/attachments/${attachmentId}`)).status).toBe(404)
    expect(await listed(id, antons)).toEqual([])
    // What left stays known to the giver.
    expect((await norasClient.get(`/v1/attachments/${attachmentId}`)).text).toContain('(Kanaria)')
  })

  test('a release that runs out takes the document with it by itself', async () => {
    const { id, attachmentId } = await aSentReferral({
      attached: 'Kanaria',
      release: { validUntil: `${inDays(20)}T12:00:00Z` },
    })
    const [row] = await sql<{ until: Date; same: boolean }>(
      `select a.valid_until as until, a.valid_until = d.valid_until as same from attachments a
         join disclosures d on d.subject_id = a.referral_id where a.id = $1`,
      [attachmentId],
    )
    expect(row).toMatchObject({ same: true })
    expect(row!.until.toISOString()).toBe(`${inDays(20)}T12:00:00.000Z`)
    await sql(`update attachments set valid_until = now() - interval '1 second' where id = $1`, [
      attachmentId,
    ])
    expect((await antons.get(`/v1/attachments/${attachmentId}`)).status).toBe(404)
    expect(await listed(id, antons)).toEqual([])
  })
})

describe('for everybody else it does not exist', () => {
  test.each([mira, otto, olaf, odila, cast.agnes, cast.carla])(
    '$name ($role) finds nothing',
    async (member) => {
      const { id, attachmentId } = await aSentReferral({ attached: 'Kanaria' })
      const client = await as(member)
      for (const path of [`/v1/attachments/${attachmentId}`, `/v1/referrals/${id}/attachments`]) {
        const answer = await client.get(path)
        expect([403, 404]).toContain(answer.status)
        expect(answer.text).not.toContain('Kanaria')
      }
      const form = aForm('clearing_summary', aPdf())
      expect([403, 404]).toContain((await client.post(`/v1/referrals/${id}/attachments`, form)).status)
      expect([403, 404]).toContain((await client.send('DELETE', `/v1/attachments/${attachmentId}`)).status)
    },
  )

  test('every look at it, and every look that was refused, stands in the audit trail', async () => {
    const { id, attachmentId, clientId } = await aSentReferral({ attached: 'Kanaria' })
    await antons.get(`/v1/attachments/${attachmentId}`)
    await antons.get(`/v1/referrals/${id}/attachments`)
    await (await as(mira)).get(`/v1/attachments/${attachmentId}`)
    const rows = await sql<{
      action: string
      status: number
      user_id: string
      client_ids: string[]
      fields: string[]
    }>(
      `select action, status, user_id, client_ids, fields from audit_events
       where $1 = any (object_ids) and action like 'attachments.%' order by at, id`,
      [attachmentId],
    )
    expect(rows).toMatchObject([
      {
        action: 'attachments.add',
        status: 201,
        user_id: nora.userId,
        client_ids: [clientId],
        fields: ['category', 'file'],
      },
      { action: 'attachments.read', status: 200, user_id: anton.userId, client_ids: [clientId] },
      { action: 'attachments.list', status: 200, user_id: anton.userId, client_ids: [clientId] },
      { action: 'attachments.read', status: 404, user_id: mira.userId, client_ids: [] },
    ])
    expect(JSON.stringify(rows)).not.toContain('Kanaria')
    expect(service.logged().join()).not.toMatch(/Kanaria|Vogelsang/)
  })
})

test('the description of the interface says how a file is sent and what comes back', () => {
  const { paths, components } = service.document as unknown as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: object }; responses: Record<string, Body> }>
    >
    components: { schemas: Record<string, { properties: Record<string, object> }> }
  }
  const upload = paths['/v1/referrals/{id}/attachments']!['post']!
  expect(Object.keys(upload.requestBody!.content)).toEqual(['multipart/form-data'])
  expect(components.schemas['NewAttachment']!.properties['file']).toMatchObject({
    type: 'string',
    format: 'binary',
  })
  expect(Object.keys(paths['/v1/attachments/{id}']!['get']!.responses['200']!['content'] as object)).toEqual([
    'application/json',
    'application/pdf',
    'image/png',
    'image/jpeg',
  ])
})
