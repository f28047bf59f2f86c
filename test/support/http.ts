// How does a test speak to the service? Over a real socket, and every answer is checked before the test sees it.
import type { Checker } from './answers.ts'
import { wire } from './wire.ts'

/** The fields that tests read most; what is not there is `undefined`, and an expectation says so. */
export interface Body {
  id: string
  version: number
  status: string
  code: string
  items: Body[]
  nextCursor: string | null
  errors: { pointer: string; code: string; detail: string }[]
  requestId: string
  [field: string]: unknown
}

export interface Answer<T = Body> {
  status: number
  body: T
  /** As it came over the wire, for looking whether something is absent. */
  text: string
  bytes: Buffer
  headers: Record<string, string>
}

export interface Options {
  ifMatch?: string | undefined
  ifNoneMatch?: string
  idempotencyKey?: string
  language?: string
  headers?: Record<string, string>
}

export interface Client {
  token: string | undefined
  get<T = Body>(path: string, options?: Options): Promise<Answer<T>>
  post<T = Body>(path: string, body?: unknown, options?: Options): Promise<Answer<T>>
  patch<T = Body>(path: string, body: unknown, options?: Options): Promise<Answer<T>>
  /** Reads, and changes the version that was read. */
  edit<T = Body>(path: string, change: unknown, options?: Options): Promise<Answer<T>>
  /** Anything else; `body` goes out as it is. */
  send<T = Body>(
    method: string,
    path: string,
    body?: string | FormData | Blob,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
}

const open: Record<string, ReturnType<typeof wire>> = {}

export function createClient(address: string, check: Checker, token?: string): Client {
  const { send: over } = (open[address] ??= wire(address))
  async function send<T>(
    method: string,
    path: string,
    given?: string | FormData | Blob,
    headers: Record<string, string> = {},
  ) {
    const { type, body } = await packed(given)
    const {
      status,
      bytes,
      headers: received,
    } = await over({
      method,
      path,
      headers: {
        ...(type && { 'content-type': type }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body,
    })
    const text = bytes.toString()
    const isJson = /[/+]json/.test(received['content-type'] ?? '')
    const answer: Answer<T> = {
      status,
      body: (text === '' ? undefined : isJson ? JSON.parse(text) : text) as T,
      text,
      bytes,
      headers: received,
    }
    check(method, path, answer as Answer<unknown>)
    return answer
  }

  const headersOf = ({ ifMatch, ifNoneMatch, idempotencyKey, language, headers }: Options) => ({
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(language !== undefined && { 'accept-language': language }),
    ...headers,
  })
  const withBody = <T>(method: string, path: string, body: unknown, options: Options) =>
    body === undefined || body instanceof FormData || body instanceof Blob
      ? send<T>(method, path, body, headersOf(options))
      : send<T>(method, path, JSON.stringify(body), {
          'content-type': 'application/json',
          ...headersOf(options),
        })

  const client: Client = {
    token,
    send,
    get: (path, options = {}) => send('GET', path, undefined, headersOf(options)),
    post: (path, body, options = {}) => withBody('POST', path, body, options),
    patch: (path, body, options = {}) => withBody('PATCH', path, body, options),
    async edit(path, change, options = {}) {
      const { headers } = await client.get(path)
      return withBody('PATCH', path, change, { ifMatch: headers['etag'], ...options })
    },
  }
  return client
}

/** A form says by which line it is divided, a file what it is. */
async function packed(given: string | FormData | Blob | undefined) {
  if (given === undefined || typeof given === 'string') return { type: given && 'text/plain', body: given }
  const form = new Response(given)
  return { type: form.headers.get('content-type'), body: Buffer.from(await form.arrayBuffer()) }
}
