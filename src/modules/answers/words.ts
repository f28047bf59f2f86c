// In which words does an agency without an account read the mail and the page behind its link?
import type { Language } from '../../platform/language.ts'
import { label, vocabularies, type Vocabulary } from '../vocabularies/index.ts'

const de = {
  name: 'Deutsch',
  languages: 'Sprache',
  skip: 'Zum Inhalt',
  mail: {
    subject: 'Eine Vermittlung wartet auf Ihre Antwort',
    text: (municipality: string, url: string, until: string) =>
      `Guten Tag,

die Lotsenstelle (${municipality}) fragt bei Ihnen an und bittet um Ihre Antwort:

${url}

Der Link gilt bis ${until}. Zum Öffnen brauchen Sie den sechsstelligen Code, den man Ihnen am Telefon nennt; er steht in keiner E-Mail. Haben Sie noch keinen, rufen Sie bitte dort an.

Diese E-Mail nennt keine Person. Bitte leiten Sie den Link nicht weiter.
`,
  },
  gone: {
    title: 'Hier gibt es nichts zu sehen',
    text: 'Dieser Link führt zu nichts, oder nicht mehr. Bitte fragen Sie bei der Stelle nach, von der Sie ihn bekommen haben. Sie kann Ihnen auch einen neuen schicken.',
  },
  busy: { title: 'Das geht gerade nicht', text: 'Bitte versuchen Sie es gleich noch einmal.' },
  code: {
    title: 'Ihr Code, bitte',
    text: 'Die Stelle, die Ihnen diesen Link geschickt hat, nennt Ihnen am Telefon einen sechsstelligen Code. Danach ist die Seite eine halbe Stunde lang auf diesem Gerät geöffnet.',
    label: 'Sechsstelliger Code',
    submit: 'Öffnen',
    wrong: (left: number) =>
      left === 1
        ? 'Dieser Code stimmt nicht. Sie haben noch einen Versuch; danach ist der Link gesperrt.'
        : `Dieser Code stimmt nicht. Sie haben noch ${left} Versuche.`,
  },
  question: {
    title: 'Eine Vermittlung wartet auf Ihre Antwort',
    from: 'Es fragt',
    at: 'für Ihr Angebot',
    due: 'Antwort erbeten bis',
    urgency: 'Dringlichkeit',
    until: 'Diese Seite bleibt geöffnet bis',
  },
  content: {
    title: 'Was Sie dazu wissen dürfen',
    nothing: 'Zurzeit darf Ihnen nichts mehr gezeigt werden. Antworten können Sie trotzdem.',
    need: 'Bedarf',
    attachments: 'Anlagen zum Herunterladen',
    size: (kilobytes: string) => `${kilobytes} kB`,
  },
  topics: {
    identity: 'Die Person und wie sie zu erreichen ist',
    contact: 'Es besteht Kontakt',
    situation: 'Worum es geht',
    strengths: 'Stärken',
    wishes: 'Wünsche',
    audit_c: 'AUDIT-C (Kurztest zum Alkoholkonsum)',
  },
  facts: {
    givenName: 'Vorname',
    familyName: 'Nachname',
    birthDate: 'Geburtsdatum',
    address: 'Anschrift',
    phone: 'Telefon',
    email: 'E-Mail',
    modes: 'Erreichbar über',
    mayLeaveMessage: 'Nachricht hinterlassen erlaubt',
    neutralSender: 'Nur mit neutralem Absender',
    when: 'Erreichbar wann',
    language: 'Sprache',
    interpreterNeeded: 'Dolmetschen nötig',
    skipped: 'Nicht besprochen, weil',
    score: 'Punkte',
    positive: 'Auffällig',
    cutoff: 'Auffällig ab',
    onlyFrequency: 'Alle Punkte aus der Häufigkeit',
    officialWording: 'Amtlicher Wortlaut der Fragen',
  },
  yes: 'Ja',
  no: 'Nein',
  answer: {
    title: 'Ihre Antwort',
    text: 'Sie antworten einmal. Danach ist diese Seite geschlossen.',
    decision: 'Nehmen Sie die Anfrage an?',
    accept: 'Ja, wir nehmen an',
    decline: 'Nein, wir lehnen ab',
    reason: 'Grund der Ablehnung',
    choose: 'Bitte wählen',
    note: 'Ein Satz dazu',
    noteHint: 'Ohne Angaben zur Person. Nötig bei „Sonstiges“, höchstens 1000 Zeichen.',
    name: 'Ihr Name',
    nameHint: 'Damit die anfragende Stelle weiß, wer geantwortet hat.',
    submit: 'Antwort senden',
    wrong: 'Bitte noch ergänzen',
    missing: {
      decision: 'Ob Sie annehmen oder ablehnen',
      reason: 'Ein Grund der Ablehnung',
      note: 'Ein Satz zum Grund, höchstens 1000 Zeichen',
      name: 'Ihr Name',
    },
  },
  done: {
    title: 'Danke für Ihre Antwort',
    accepted:
      'Sie haben angenommen. Die anfragende Stelle weiß Bescheid und meldet sich wegen der nächsten Schritte bei Ihnen.',
    declined: 'Sie haben abgelehnt. Die anfragende Stelle weiß Bescheid und sucht weiter.',
    closed:
      'Diese Seite ist jetzt geschlossen. Was Sie heruntergeladen haben, dürfen Sie nur für diesen Zweck verwenden.',
  },
}

const en: typeof de = {
  name: 'English',
  languages: 'Language',
  skip: 'To the content',
  mail: {
    subject: 'A referral is waiting for your answer',
    text: (municipality, url, until) =>
      `Hello,

the care navigators (${municipality}) have a question for you and ask for your answer:

${url}

The link is valid until ${until}. To open it you need the six-digit code that you are told by phone; it stands in no e-mail. If you have none yet, please call them.

This e-mail names no person. Please do not pass the link on.
`,
  },
  gone: {
    title: 'There is nothing to see here',
    text: 'This link leads to nothing, or no longer does. Please ask the organisation from which you received it. It can also send you a new one.',
  },
  busy: { title: 'This is not possible right now', text: 'Please try again shortly.' },
  code: {
    title: 'Your code, please',
    text: 'The organisation that sent you this link tells you a six-digit code by phone. After that the page is open on this device for half an hour.',
    label: 'Six-digit code',
    submit: 'Open',
    wrong: (left) =>
      left === 1
        ? 'This code is not right. You have one try left; after that the link is locked.'
        : `This code is not right. You have ${left} tries left.`,
  },
  question: {
    title: 'A referral is waiting for your answer',
    from: 'Asked by',
    at: 'for your offer',
    due: 'Please answer by',
    urgency: 'Urgency',
    until: 'This page stays open until',
  },
  content: {
    title: 'What you may know about it',
    nothing: 'At present nothing may be shown to you any more. You can answer all the same.',
    need: 'Need',
    attachments: 'Attachments to download',
    size: (kilobytes) => `${kilobytes} kB`,
  },
  topics: {
    identity: 'The person and how to reach them',
    contact: 'There is contact',
    situation: 'What it is about',
    strengths: 'Strengths',
    wishes: 'Wishes',
    audit_c: 'AUDIT-C (short test on alcohol)',
  },
  facts: {
    givenName: 'Given name',
    familyName: 'Family name',
    birthDate: 'Date of birth',
    address: 'Address',
    phone: 'Phone',
    email: 'E-mail',
    modes: 'Can be reached by',
    mayLeaveMessage: 'A message may be left',
    neutralSender: 'Only with a neutral sender',
    when: 'Can be reached when',
    language: 'Language',
    interpreterNeeded: 'Interpreter needed',
    skipped: 'Not talked about, because',
    score: 'Points',
    positive: 'Above the threshold',
    cutoff: 'Threshold',
    onlyFrequency: 'All points from the frequency',
    officialWording: 'Official wording of the questions',
  },
  yes: 'Yes',
  no: 'No',
  answer: {
    title: 'Your answer',
    text: 'You answer once. After that this page is closed.',
    decision: 'Do you accept the referral?',
    accept: 'Yes, we accept',
    decline: 'No, we decline',
    reason: 'Reason for declining',
    choose: 'Please choose',
    note: 'A sentence about it',
    noteHint: 'Without facts about the person. Needed for "Other", at most 1000 characters.',
    name: 'Your name',
    nameHint: 'So that the organisation that asks knows who has answered.',
    submit: 'Send the answer',
    wrong: 'Please complete',
    missing: {
      decision: 'Whether you accept or decline',
      reason: 'A reason for declining',
      note: 'A sentence about the reason, at most 1000 characters',
      name: 'Your name',
    },
  },
  done: {
    title: 'Thank you for your answer',
    accepted:
      'You have accepted. The organisation that asked knows, and will contact you about the next steps.',
    declined: 'You have declined. The organisation that asked knows, and goes on looking.',
    closed: 'This page is closed now. What you have downloaded you may use for this purpose only.',
  },
}

const da: typeof de = {
  name: 'Dansk',
  languages: 'Sprog',
  skip: 'Til indholdet',
  mail: {
    subject: 'En henvisning venter på jeres svar',
    text: (municipality, url, until) =>
      `Goddag,

brobyggerne (${municipality}) har en forespørgsel til jer og beder om svar:

${url}

Linket gælder til ${until}. For at åbne det skal I bruge den sekscifrede kode, som I får oplyst i telefonen; den står ikke i nogen e-mail. Har I endnu ikke fået en, så ring venligst dertil.

Denne e-mail nævner ingen person. Send venligst ikke linket videre.
`,
  },
  gone: {
    title: 'Der er intet at se her',
    text: 'Dette link fører ikke til noget, eller ikke længere. Spørg venligst den instans, I har fået det af. Den kan også sende jer et nyt.',
  },
  busy: { title: 'Det er ikke muligt lige nu', text: 'Prøv venligst igen om lidt.' },
  code: {
    title: 'Jeres kode, tak',
    text: 'Den instans, der har sendt jer linket, oplyser en sekscifret kode i telefonen. Derefter er siden åben på denne enhed i en halv time.',
    label: 'Sekscifret kode',
    submit: 'Åbn',
    wrong: (left) =>
      left === 1
        ? 'Koden er forkert. I har ét forsøg tilbage; derefter er linket spærret.'
        : `Koden er forkert. I har ${left} forsøg tilbage.`,
  },
  question: {
    title: 'En henvisning venter på jeres svar',
    from: 'Forespørgsel fra',
    at: 'til jeres tilbud',
    due: 'Svar ønskes senest',
    urgency: 'Hastegrad',
    until: 'Siden er åben til',
  },
  content: {
    title: 'Hvad I må vide om det',
    nothing: 'For tiden må intet længere vises for jer. I kan svare alligevel.',
    need: 'Behov',
    attachments: 'Bilag til download',
    size: (kilobytes) => `${kilobytes} kB`,
  },
  topics: {
    identity: 'Personen og hvordan vedkommende kan nås',
    contact: 'Der er kontakt',
    situation: 'Hvad det drejer sig om',
    strengths: 'Styrker',
    wishes: 'Ønsker',
    audit_c: 'AUDIT-C (kort test om alkohol)',
  },
  facts: {
    givenName: 'Fornavn',
    familyName: 'Efternavn',
    birthDate: 'Fødselsdato',
    address: 'Adresse',
    phone: 'Telefon',
    email: 'E-mail',
    modes: 'Kan nås via',
    mayLeaveMessage: 'Der må lægges en besked',
    neutralSender: 'Kun med neutral afsender',
    when: 'Kan nås hvornår',
    language: 'Sprog',
    interpreterNeeded: 'Behov for tolk',
    skipped: 'Ikke drøftet, fordi',
    score: 'Point',
    positive: 'Over grænsen',
    cutoff: 'Grænse',
    onlyFrequency: 'Alle point fra hyppigheden',
    officialWording: 'Spørgsmålenes officielle ordlyd',
  },
  yes: 'Ja',
  no: 'Nej',
  answer: {
    title: 'Jeres svar',
    text: 'I svarer én gang. Derefter er siden lukket.',
    decision: 'Tager I imod henvisningen?',
    accept: 'Ja, vi tager imod',
    decline: 'Nej, vi afviser',
    reason: 'Grund til afvisning',
    choose: 'Vælg venligst',
    note: 'En sætning om det',
    noteHint: 'Uden oplysninger om personen. Nødvendig ved "Andet", højst 1000 tegn.',
    name: 'Dit navn',
    nameHint: 'Så den instans, der spørger, ved, hvem der har svaret.',
    submit: 'Send svaret',
    wrong: 'Udfyld venligst',
    missing: {
      decision: 'Om I tager imod eller afviser',
      reason: 'En grund til afvisning',
      note: 'En sætning om grunden, højst 1000 tegn',
      name: 'Dit navn',
    },
  },
  done: {
    title: 'Tak for jeres svar',
    accepted: 'I har taget imod. Den instans, der spurgte, ved besked og kontakter jer om de næste skridt.',
    declined: 'I har afvist. Den instans, der spurgte, ved besked og søger videre.',
    closed: 'Siden er nu lukket. Det, I har hentet, må kun bruges til dette formål.',
  },
}

export const words = { de, en, da }
export type Words = typeof de

export interface Question {
  id: string
  kind: string
  vocabulary?: string
  options?: ({ code: string } & Record<Language, string>)[]
  text: Record<Language, string>
}

const isVocabulary = (name: string): name is Vocabulary => name in vocabularies
const has = <T extends object>(of: T, key: string): key is keyof T & string => Object.hasOwn(of, key)

const labelled = (vocabulary: Vocabulary, code: string, language: Language) =>
  vocabularies[vocabulary].values.some((value) => value.code === code)
    ? label(vocabulary, code as never, language)
    : code

export const topicWord = (topic: string, language: Language) =>
  has(de.topics, topic) ? words[language].topics[topic] : labelled('life_domain', topic, language)

const dayIn = (language: Language, day: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )

export const day = (value: string, language: Language) => dayIn(language, value)
export const instantIn = (timeZone: string, value: string, language: Language) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(
    new Date(value),
  )

type Fact = string | number | boolean | string[]

const vocabularyOf: Record<string, Vocabulary> = {
  modes: 'contact_mode',
  language: 'language',
  skipped: 'skip_reason',
}

/** A fact in words: what it is called, and what it says. A question of the guide speaks its own words. */
export function factWords(
  key: string,
  fact: Fact,
  questions: ReadonlyMap<string, Question>,
  language: Language,
): { term: string; says: string } {
  const { facts, yes, no } = words[language]
  const question = questions.get(key)
  const term = has(facts, key) ? facts[key] : (question?.text[language] ?? key)
  const said = (value: string | number | boolean): string => {
    if (typeof value === 'boolean') return value ? yes : no
    if (typeof value === 'number') return String(value)
    const option = question?.options?.find(({ code }) => code === value)
    if (option) return option[language]
    const vocabulary = question?.vocabulary ?? vocabularyOf[key]
    if (vocabulary && isVocabulary(vocabulary)) return labelled(vocabulary, value, language)
    return /^\d{4}-\d\d-\d\d$/.test(value) ? dayIn(language, value) : value
  }
  return { term, says: Array.isArray(fact) ? fact.map(said).join(', ') : said(fact) }
}
