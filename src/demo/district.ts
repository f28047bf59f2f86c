// What does a district with five youth offices and three counselling bearers look like? Kreis Moorwinkel, invented.
import { answers, comes, refers, releases, type Stage } from './stage.ts'
import type { Organization, Place } from './place.ts'

const youthOffice = (name: string, residences: string[]): Organization => ({
  kind: 'youth_office',
  sector: 'youth',
  name,
  residences,
  offers: {
    [`hilfen ${name}`]: {
      type: 'youth_welfare',
      name: `Hilfen zur Erziehung (${name})`,
      for: ['family_affected'],
    },
  },
})

const counselling = (key: string, name: string): Organization => ({
  kind: 'service_provider',
  sector: 'addiction',
  name,
  offers: {
    [key]: {
      type: 'addiction_counselling',
      name: `Suchtberatung (${name})`,
      for: ['dependent_adult', 'relative'],
    },
  },
})

export const district: Place = {
  slug: 'demo-moorwinkel',
  name: 'Kreis Moorwinkel',
  kind: 'district',
  country: 'de',
  timeZone: 'Europe/Berlin',
  language: 'de',
  administration: 'Kreisgesundheitsamt Moorwinkel',
  domain: 'moorwinkel.example',

  organizations: {
    lotsen: {
      kind: 'municipal_unit',
      sector: 'addiction',
      name: 'Lotsenstelle Kreis Moorwinkel',
      in: 'administration',
      phone: '0555 0500-20',
      address: 'Torfstraße 4, Binsenfleth',
      offers: {
        lotsen: {
          type: 'navigator_service',
          name: 'Lots*innen im Kreis, auch vor Ort',
          for: ['parent_dependent', 'parent_substituted', 'complex_needs'],
        },
      },
    },
    // Three bearers: three separate controllers, each named in its own release.
    kreisberatung: {
      ...counselling('beratung kreis', 'Suchtberatungsstelle des Kreisgesundheitsamtes'),
      kind: 'municipal_unit',
      in: 'administration',
    },
    sonnenhof: counselling('beratung sonnenhof', 'Sonnenhof-Verband, Suchthilfe Moorwinkel'),
    hilfswerk: counselling('beratung hilfswerk', 'Hilfswerk Offene Tür, Beratung Ellernbrook'),
    praxis: {
      kind: 'practice',
      sector: 'health',
      name: 'Praxis Dr. Rohrdommel (Substitution)',
      offers: {
        substitution: { type: 'opioid_substitution', name: 'Substitution', for: ['parent_substituted'] },
      },
    },
    jugendamtTorfhagen: youthOffice('Jugendamt der Stadt Torfhagen', ['99010010', 'Torfhagen']),
    jugendamtSandwehr: youthOffice('Jugendamt der Stadt Sandwehr', ['99010020', 'Sandwehr']),
    jugendamtEllernbrook: youthOffice('Jugendamt der Stadt Ellernbrook', ['99010030', 'Ellernbrook']),
    jugendamtKraehenmoor: youthOffice('Jugendamt der Stadt Krähenmoor', ['99010040', 'Krähenmoor']),
    kreisjugendamt: youthOffice('Kreisjugendamt Moorwinkel', [
      '99010050',
      'Binsenfleth',
      '99010060',
      'Heidlohe',
    ]),
    gruppe: {
      kind: 'self_help',
      sector: 'self_help',
      name: 'Selbsthilfe Torfhagen',
      offers: {
        gruppe: {
          type: 'self_help_group',
          name: 'Elternkreis, freitags',
          for: ['relative', 'parent_dependent'],
        },
      },
    },
  },

  people: {
    otto: { name: 'Otto Ostermann', role: 'navigator', in: 'lotsen', secrecy: 'profession_203' },
    oda: { name: 'Oda Heide', role: 'navigation_head', in: 'lotsen', secrecy: 'profession_203' },
    olaf: { name: 'Olaf Kern', role: 'network_professional', in: 'kreisberatung', secrecy: 'profession_203' },
    orla: { name: 'Orla Brandt', role: 'network_professional', in: 'sonnenhof', secrecy: 'profession_203' },
    oskar: { name: 'Oskar Wind', role: 'network_professional', in: 'hilfswerk', secrecy: 'profession_203' },
    odila: {
      name: 'Odila Kolk',
      role: 'youth_welfare_professional',
      in: 'jugendamtTorfhagen',
      secrecy: 'public_official',
    },
    onno: {
      name: 'Onno Reet',
      role: 'youth_welfare_professional',
      in: 'kreisjugendamt',
      secrecy: 'public_official',
    },
    okan: { name: 'Okan Demir', role: 'coordinator', in: 'administration', secrecy: 'public_official' },
    ottilie: { name: 'Ottilie Fuchs', role: 'dpo', in: 'administration' },
    orhan: { name: 'Orhan Feld', role: 'tenant_admin', in: 'administration', secrecy: 'public_official' },
    oxana: { name: 'Oxana Berg', role: 'auditor', in: 'administration' },
  },

  live: async (at) => {
    await Promise.all([substituted(at), expecting(at)])
  },
}

/** A father in substitution, referred to one of the three bearers, which has accepted. */
async function substituted(at: Stage) {
  const [otto, olaf] = await Promise.all([at.as('otto'), at.as('olaf')])
  const known = await comes(
    otto,
    {
      identificationLevel: 'identified',
      identity: { givenName: 'Henning', familyName: 'Wollgras', birthDate: '1991-08-23' },
      ageBand: 'a35_39',
      gender: 'male',
      ags: '99010010',
    },
    {
      requesterRole: 'self',
      referralSource: 'gp_doctor',
      concern: 'Ist in Substitution, hat zwei Kinder und möchte mit ihnen zusammen bleiben.',
      nextStep: 'Erstgespräch in der Beratungsstelle verabreden',
      nextStepOn: at.day(3),
    },
  )
  const release = await releases(otto, known, at, 'de', {
    recipientOrganizationId: at.organization('kreisberatung'),
    purposeDetail: 'Psychosoziale Begleitung neben der Substitution',
    categories: ['identity_contact', 'clearing_summary', 'attendance_only'],
  })
  const referral = await refers(otto, known, {
    offerId: at.offer('beratung kreis'),
    releaseId: release.id,
    categories: ['identity_contact'],
    situation: 'Herr Wollgras sucht Begleitung neben der Substitution.',
  })
  await answers(olaf, referral, 'accept')
}

/** An expectant mother, known by an alias; nothing has left yet. */
async function expecting(at: Stage) {
  const oda = await at.as('oda')
  await comes(
    oda,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Libelle',
      ageBand: 'a25_29',
      gender: 'female',
      ags: '99010050',
    },
    {
      requesterRole: 'self',
      referralSource: 'social_service',
      concern: 'Erwartet ein Kind und möchte mit dem Rauchen und Trinken aufhören.',
      nextStep: 'Zur Hebammensprechstunde begleiten',
      nextStepOn: at.day(2),
    },
  )
}
