// Which short words does the release form need beside the information text?
const de = {
  alias: 'Kennwort',
  yes: 'ja',
  text: 'Informationstext, Fassung',
  page: 'Seite',
  custodian: 'Unterschrift der sorgeberechtigten Person',
  headings: {
    voluntary: 'Freiwillig',
    consequences: 'Wenn Sie Nein sagen',
    purposeBinding: 'Nur für diesen Zweck',
    copy: 'Ihre Kopie',
    withdrawal: 'Widerruf',
    minor: 'Unter 18 Jahren',
  },
  untranslated: (language: string) =>
    `Diesen Text gibt es in Ihrer Sprache (${language}) noch nicht. Bitte lassen Sie ihn sich übersetzen, bevor Sie unterschreiben.`,
}

const en: typeof de = {
  alias: 'alias',
  yes: 'yes',
  text: 'Information text, version',
  page: 'Page',
  custodian: 'Signature of the person with parental responsibility',
  headings: {
    voluntary: 'Voluntary',
    consequences: 'If you say no',
    purposeBinding: 'For this purpose only',
    copy: 'Your copy',
    withdrawal: 'Withdrawal',
    minor: 'Under 18',
  },
  untranslated: (language) =>
    `This text does not exist in your language (${language}) yet. Please have it translated for you before you sign.`,
}

const da: typeof de = {
  alias: 'kaldenavn',
  yes: 'ja',
  text: 'Informationstekst, version',
  page: 'Side',
  custodian: 'Forældremyndighedsindehaverens underskrift',
  headings: {
    voluntary: 'Frivilligt',
    consequences: 'Hvis du siger nej',
    purposeBinding: 'Kun til dette formål',
    copy: 'Din kopi',
    withdrawal: 'Hvis du trækker samtykket tilbage',
    minor: 'Under 18 år',
  },
  untranslated: (language) =>
    `Teksten findes endnu ikke på dit sprog (${language}). Få den oversat, før du skriver under.`,
}

const es: typeof de = {
  alias: 'alias',
  yes: 'sí',
  text: 'Texto informativo, versión',
  page: 'Página',
  custodian: 'Firma de la persona que ejerce la patria potestad',
  headings: {
    voluntary: 'Voluntario',
    consequences: 'Si dice que no',
    purposeBinding: 'Solo para este fin',
    copy: 'Su copia',
    withdrawal: 'Retirada',
    minor: 'Menores de 18 años',
  },
  untranslated: (language) =>
    `Este texto todavía no existe en su idioma (${language}). Pida que se lo traduzcan antes de firmar.`,
}

const fr: typeof de = {
  alias: 'pseudonyme',
  yes: 'oui',
  text: "Texte d'information, version",
  page: 'Page',
  custodian: "Signature de la personne qui exerce l'autorité parentale",
  headings: {
    voluntary: 'Libre choix',
    consequences: 'Si vous dites non',
    purposeBinding: 'Uniquement dans ce but',
    copy: 'Votre copie',
    withdrawal: 'Retrait',
    minor: 'Moins de 18 ans',
  },
  untranslated: (language) =>
    `Ce texte n'existe pas encore dans votre langue (${language}). Faites-le-vous traduire avant de signer.`,
}

export const words = { de, en, da, es, fr }
export type FormLanguage = keyof typeof words
