// What does a caller read when something is refused? RFC 9457 problem answers in the caller's language.
import type { Language } from './language.ts'

export interface FieldError {
  /** RFC 6901, into the body; `/query/…`, `/path/…` and `/header/…` for the other parts of a request. */
  pointer: string
  code: string
  detail: string
}

export interface ProblemKind {
  status: number
  text: Record<Language, string>
}

export type ProblemKinds = Readonly<Record<string, ProblemKind>>

/** Throw it: that rolls the transaction back and answers. */
export class Problem extends Error {
  readonly code: string
  readonly kind: ProblemKind
  readonly errors: readonly (Omit<FieldError, 'detail'> & { detail?: Record<Language, string> })[]
  /** What a program needs to go on (missing categories, the seconds to wait). Never personal data. */
  readonly more: Readonly<Record<string, unknown>>
  /** Seconds, for the header Retry-After. */
  retryAfter?: number
  constructor(code: string, kind: ProblemKind, errors: Problem['errors'] = [], more: Problem['more'] = {}) {
    super(code)
    this.code = code
    this.kind = kind
    this.errors = errors
    this.more = more
  }
}

const known = new Map<string, ProblemKind>()

/** Who defines problems: every module adds its own, so that no code can be named that does not exist. */
export interface Defined {
  platform: typeof problem
}
export type ProblemCode = { [M in keyof Defined]: Parameters<Defined[M]>[0] }[keyof Defined]

/** Every code that any module may answer with, for OpenAPI and the test that all of them are documented. */
export const problemCodes = (): ReadonlyMap<string, ProblemKind> => known
/** In the order of their names: in which order modules are read is nobody's business. */
export const problemsByName = () => [...known].sort(([a], [b]) => (a < b ? -1 : 1))

/** Registers problem codes; a code that exists already is a programming error and stops the boot. */
export function defineProblems<K extends ProblemKinds>(kinds: K) {
  for (const [code, kind] of Object.entries(kinds)) {
    if (known.has(code)) throw new Error(`problem code ${code} is defined twice`)
    known.set(code, kind)
  }
  return (code: keyof K & string, errors?: Problem['errors'], more?: Problem['more']) =>
    new Problem(code, kinds[code]!, errors, more)
}

export const problem = defineProblems({
  invalid_request: {
    status: 400,
    text: {
      de: 'Die Anfrage entspricht nicht der Beschreibung. Die einzelnen Stellen stehen unter „errors“.',
      en: 'The request does not match the description. The places are listed under "errors".',
      da: 'Anmodningen svarer ikke til beskrivelsen. De enkelte steder står under "errors".',
    },
  },
  malformed_request: {
    status: 400,
    text: {
      de: 'Das ist keine Anfrage nach HTTP/1.1.',
      en: 'This is no request of HTTP/1.1.',
      da: 'Dette er ikke en HTTP/1.1-anmodning.',
    },
  },
  unknown_reference: {
    status: 400,
    text: {
      de: 'Die Anfrage nennt einen Datensatz, den es für Sie nicht gibt.',
      en: 'The request names a record that does not exist for you.',
      da: 'Anmodningen nævner en post, som ikke findes for dig.',
    },
  },
  not_signed_in: {
    status: 401,
    text: {
      de: 'Bitte melden Sie sich an: Das Zugangs-Token fehlt, ist ungültig oder abgelaufen.',
      en: 'Please sign in: the access token is missing, invalid or expired.',
      da: 'Log venligst ind: adgangstokenet mangler, er ugyldigt eller udløbet.',
    },
  },
  not_allowed: {
    status: 403,
    text: {
      de: 'Ihre Rolle darf das nicht.',
      en: 'Your role may not do this.',
      da: 'Din rolle må ikke gøre dette.',
    },
  },
  address_not_allowed: {
    status: 403,
    text: {
      de: 'Von dieser Adresse aus darf dieses Dienstkonto nicht kommen.',
      en: 'This service account may not come from this address.',
      da: 'Denne tjenestekonto må ikke komme fra denne adresse.',
    },
  },
  secrecy_obligation_missing: {
    status: 403,
    text: {
      de: 'Ohne erfasste Schweigepflicht (Grundlage und Datum) öffnet sich kein Fall.',
      en: 'No case opens without a recorded secrecy obligation (basis and date).',
      da: 'Ingen sag åbnes uden en registreret tavshedspligt (grundlag og dato).',
    },
  },
  not_found: {
    status: 404,
    text: {
      de: 'Das gibt es nicht, oder nicht für Sie.',
      en: 'This does not exist, or not for you.',
      da: 'Dette findes ikke, eller ikke for dig.',
    },
  },
  method_not_allowed: {
    status: 405,
    text: {
      de: 'Diese Adresse gibt es, aber nicht mit dieser Methode; welche es gibt, steht im Kopf Allow.',
      en: 'This address exists, but not with this method; the header Allow lists those that do.',
      da: 'Denne adresse findes, men ikke med denne metode; headeren Allow nævner dem, der findes.',
    },
  },
  request_timeout: {
    status: 408,
    text: {
      de: 'Die Anfrage kam zu langsam an.',
      en: 'The request arrived too slowly.',
      da: 'Anmodningen kom for langsomt.',
    },
  },
  already_exists: {
    status: 409,
    text: {
      de: 'Das gibt es schon.',
      en: 'This exists already.',
      da: 'Det findes allerede.',
    },
  },
  still_running: {
    status: 409,
    text: {
      de: 'Eine Anfrage mit demselben Idempotency-Key läuft noch.',
      en: 'A request with the same Idempotency-Key is still running.',
      da: 'En anmodning med samme Idempotency-Key kører stadig.',
    },
  },
  stale: {
    status: 412,
    text: {
      de: 'Inzwischen hat jemand anderes diesen Datensatz geändert. Bitte neu laden.',
      en: 'Somebody else has changed this record meanwhile. Please load it again.',
      da: 'En anden har ændret denne post i mellemtiden. Hent den igen.',
    },
  },
  body_too_large: {
    status: 413,
    text: {
      de: 'Die Anfrage ist zu groß.',
      en: 'The request is too large.',
      da: 'Anmodningen er for stor.',
    },
  },
  unsupported_media_type: {
    status: 415,
    text: {
      de: 'Diesen Medientyp oder diese Content-Encoding versteht diese Adresse nicht. Wo nichts anderes beschrieben ist, versteht sie JSON (application/json).',
      en: 'This address does not understand this media type or this Content-Encoding. Where nothing else is described, it understands JSON (application/json).',
      da: 'Denne adresse forstår ikke denne medietype eller denne Content-Encoding. Hvor intet andet er beskrevet, forstår den JSON (application/json).',
    },
  },
  idempotency_key_reused: {
    status: 422,
    text: {
      de: 'Dieser Idempotency-Key gehört zu einer anderen Anfrage.',
      en: 'This Idempotency-Key belongs to another request.',
      da: 'Denne Idempotency-Key hører til en anden anmodning.',
    },
  },
  version_required: {
    status: 428,
    text: {
      de: 'Bitte nennen Sie im Kopf If-Match die Fassung, die Sie ändern wollen.',
      en: 'Please name in the header If-Match the version that you want to change.',
      da: 'Angiv i headeren If-Match den version, du vil ændre.',
    },
  },
  too_many_requests: {
    status: 429,
    text: {
      de: 'Das waren zu viele Anfragen in kurzer Zeit. Wann es weitergeht, steht im Kopf Retry-After.',
      en: 'These were too many requests in a short time. The header Retry-After says when to go on.',
      da: 'Det var for mange anmodninger på kort tid. Headeren Retry-After siger, hvornår det går videre.',
    },
  },
  headers_too_large: {
    status: 431,
    text: {
      de: 'Die Kopfzeilen der Anfrage sind zu groß.',
      en: 'The headers of the request are too large.',
      da: 'Anmodningens headere er for store.',
    },
  },
  internal_error: {
    status: 500,
    text: {
      de: 'Hier ist uns ein Fehler unterlaufen. Es wurde nichts gespeichert.',
      en: 'We made a mistake here. Nothing was saved.',
      da: 'Her er der sket en fejl hos os. Intet blev gemt.',
    },
  },
  out_of_room: {
    status: 503,
    text: {
      de: 'Der Speicher der Datenbank ist voll. Es wurde nichts gespeichert; bitte sagen Sie es dem Betrieb.',
      en: 'The storage of the database is full. Nothing was saved; please tell whoever runs this service.',
      da: 'Databasens lager er fuldt. Intet blev gemt; sig det til driften.',
    },
  },
  try_again: {
    status: 503,
    text: {
      de: 'Das geht gerade nicht. Bitte gleich noch einmal versuchen.',
      en: 'This is not possible right now. Please try again shortly.',
      da: 'Det er ikke muligt lige nu. Prøv igen om lidt.',
    },
  },
})

/** Nothing there, or nothing for this caller: both answer the same. */
export const missing = (): never => {
  throw problem('not_found')
}

export const found = <T>(row: T | undefined): T => row ?? missing()

/** A reference in the body to something that does not exist for this caller (foreign and nonexistent answer the same). */
export const referenced = <T>(row: T | undefined, pointer: string): T => {
  if (row === undefined) throw problem('unknown_reference', [{ pointer, code: 'unknown_reference' }])
  return row
}

/** The problem document of RFC 9457 for one caller's language. */
export function render(given: Problem, language: Language, requestId: string) {
  const detail = given.kind.text[language]
  return {
    type: `urn:lotse:problem:${given.code}`,
    title: given.code.replaceAll('_', ' '),
    status: given.kind.status,
    code: given.code,
    detail,
    requestId,
    errors: given.errors.map((error) => ({ ...error, detail: error.detail?.[language] ?? detail })),
    ...given.more,
  }
}
