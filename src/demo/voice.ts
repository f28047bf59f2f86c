// How does one of the demo people speak to the service? As any program would: with a token, in JSON.
import { createHash } from 'node:crypto'

/** The fields that are read most; what is not there is `undefined`. */
export interface Body {
  id: string
  status: string
  version: number
  items: Body[]
  [field: string]: unknown
}

export interface Answer {
  status: number
  body: Body
  text: string
  bytes: Buffer
  headers: Record<string, string | undefined>
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Takes a request to the service, over a socket or inside the process. */
export type Carrier = (request: {
  method: Method
  url: string
  headers: Record<string, string>
  body: string | undefined
}) => Promise<Pick<Answer, 'status' | 'bytes' | 'headers'>>

export interface Options {
  headers?: Record<string, string>
}

export type Voice = ReturnType<typeof createVoice>

export function createVoice(carry: Carrier, token?: string) {
  async function send(
    method: Method,
    url: string,
    body?: unknown,
    { headers = {} }: Options = {},
  ): Promise<Answer> {
    const {
      status,
      bytes,
      headers: answered,
    } = await carry({
      method,
      url,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      // A text goes out as it is, under the media type that its headers name.
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = bytes.toString()
    const isJson = /[/+]json/.test(answered['content-type'] ?? '')
    return { status, bytes, text, headers: answered, body: (isJson && text ? JSON.parse(text) : {}) as Body }
  }
  return {
    send,
    get: (url: string, options?: Options) => send('GET', url, undefined, options),
    post: (url: string, body?: unknown, options?: Options) => send('POST', url, body, options),
    /** Changes the version that was read just before. */
    async patch(url: string, change: unknown) {
      const { headers } = await send('GET', url)
      return send('PATCH', url, change, { headers: { 'if-match': headers['etag'] ?? '' } })
    },
    /** Ends the version that was read just before. */
    async remove(url: string) {
      const { headers } = await send('GET', url)
      return send('DELETE', url, undefined, { headers: { 'if-match': headers['etag'] ?? '' } })
    },
  }
}

export interface Credentials {
  municipality: string
  email: string
  password: string
}

export async function signIn(carry: Carrier, who: Credentials): Promise<Voice> {
  const answer = await createVoice(carry).post('/v1/auth/token', who)
  return createVoice(carry, String(done(answer, `${who.email} signs in`)['accessToken']))
}

/** @throws Error that names what was attempted, the status and the code; never a value. */
export function done({ status, body }: Answer, attempt: string): Body {
  if (status >= 300) throw new Error(`${attempt}: ${status} ${String(body['code'])}`)
  return body
}

/** The same words by the same person are the same request: whoever says them again reads the first answer. */
export const sameWords = (url: string, body: unknown): Options => ({
  headers: {
    'idempotency-key': createHash('sha256')
      .update(`${url}\n${JSON.stringify(body ?? null)}`)
      .digest('base64url'),
  },
})
