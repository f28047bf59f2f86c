// What does a Danish municipality look like, where treatment is its own task? Skovby Kommune, invented.
import { clears, comes, ratings, refers, releases, type Stage } from './stage.ts'
import type { Place } from './place.ts'

export const kommune: Place = {
  slug: 'demo-skovby',
  name: 'Skovby Kommune',
  kind: 'kommune',
  country: 'dk',
  timeZone: 'Europe/Copenhagen',
  language: 'da',
  administration: 'Social- og Sundhedsforvaltningen',
  domain: 'skovby.example',

  // Alcohol and drugs are the municipality's own task, these are not; people are helped on all the same.
  scope: [
    {
      problem: 'gambling',
      sector: 'health',
      note: 'Regionens behandling for ludomani; egen læge kan hjælpe.',
    },
    { problem: 'internet_media', sector: 'health', note: 'Egen læge.' },
    { problem: 'eating', sector: 'health', note: 'Egen læge eller regionens psykiatri.' },
    { problem: 'buying', sector: 'debt', note: 'Gældsrådgivningen i Skovby, uden tidsbestilling.' },
  ],

  organizations: {
    brobyggere: {
      kind: 'municipal_unit',
      sector: 'addiction',
      name: 'Brobyggerne i Skovby',
      in: 'administration',
      address: 'Møllevej 2',
      offers: {
        brobygger: {
          type: 'navigator_service',
          name: 'Brobygger',
          description: 'Du behøver ikke kende den rigtige dør. Vi går med, også anonymt.',
          for: ['complex_needs', 'relative', 'long_term_harm'],
        },
      },
    },
    rusmiddel: {
      kind: 'municipal_unit',
      sector: 'addiction',
      name: 'Rusmiddelcenter Skovby',
      in: 'administration',
      offers: {
        alkohol: {
          type: 'outpatient_treatment',
          name: 'Alkoholbehandling, også anonymt',
          for: ['dependent_adult', 'at_risk_user'],
          languages: ['da', 'en'],
        },
        stof: {
          type: 'outpatient_treatment',
          name: 'Social stofbehandling',
          for: ['dependent_adult', 'young_person'],
        },
        substitution: {
          type: 'opioid_substitution',
          name: 'Lægelig stofbehandling',
          for: ['dependent_adult'],
        },
        gade: { type: 'street_nurse', name: 'Gadesygeplejersken', for: ['long_term_harm'] },
      },
    },
    socialpsykiatri: {
      kind: 'municipal_unit',
      sector: 'social_psychiatry',
      name: 'Socialpsykiatrien i Skovby',
      in: 'administration',
      offers: {
        bostotte: { type: 'social_psychiatry', name: 'Bostøtte', for: ['dual_diagnosis', 'complex_needs'] },
      },
    },
    ambulatorium: {
      kind: 'clinic',
      sector: 'psychiatry',
      name: 'Psykiatrisk Ambulatorium Skovby',
      offers: { udredning: { type: 'psychiatry', name: 'Udredning og behandling', for: ['dual_diagnosis'] } },
    },
    jobcenter: {
      kind: 'municipal_unit',
      sector: 'work',
      name: 'Jobcenter Skovby',
      in: 'administration',
      offers: { mentor: { type: 'work_integration', name: 'Mentor på vej i job' } },
    },
    boernUnge: {
      kind: 'youth_office',
      sector: 'youth',
      name: 'Børne- og Ungeforvaltningen',
      residences: ['999', 'Skovby'],
      offers: {
        familie: {
          type: 'family_support',
          name: 'Familiehuset',
          for: ['family_affected', 'child_of_dependent'],
        },
      },
    },
    laegehus: { kind: 'practice', sector: 'health', name: 'Lægehuset Engdraget' },
    vaerested: {
      kind: 'service_provider',
      sector: 'housing',
      name: 'Værestedet Egely',
      offers: {
        vaerested: { type: 'low_threshold', name: 'Værested og rådgivning', for: ['long_term_harm'] },
        herberg: { type: 'emergency_housing', name: 'Natherberg', for: ['long_term_harm'] },
      },
    },
    gaeld: {
      kind: 'service_provider',
      sector: 'debt',
      name: 'Den Frivillige Gældsrådgivning i Skovby',
      offers: { gaeld: { type: 'debt_counselling', name: 'Gældsrådgivning' } },
    },
    ssp: {
      kind: 'municipal_unit',
      sector: 'prevention',
      name: 'SSP Skovby',
      in: 'administration',
      offers: {
        ssp: { type: 'prevention_secondary', name: 'Opsøgende arbejde blandt unge', for: ['young_person'] },
      },
    },
    fristedet: {
      kind: 'self_help',
      sector: 'self_help',
      name: 'Frivilligcentret Fristedet',
      offers: {
        selvhjaelp: { type: 'self_help_group', name: 'Selvhjælpsgruppe, tirsdag aften' },
        paaroerende: { type: 'relatives_group', name: 'Gruppe for pårørende', for: ['relative'] },
      },
    },
  },

  people: {
    freja: { name: 'Freja Holm', role: 'navigator', in: 'brobyggere', secrecy: 'public_official' },
    mads: { name: 'Mads Kjær', role: 'navigator', in: 'brobyggere', secrecy: 'public_official' },
    karen: { name: 'Karen Lund', role: 'navigation_head', in: 'brobyggere', secrecy: 'public_official' },
    soeren: { name: 'Søren Bæk', role: 'network_professional', in: 'rusmiddel', secrecy: 'public_official' },
    line: {
      name: 'Line Dahl',
      role: 'network_professional',
      in: 'socialpsykiatri',
      secrecy: 'public_official',
    },
    bo: { name: 'Bo Friis', role: 'network_professional', in: 'jobcenter', secrecy: 'public_official' },
    ida: {
      name: 'Ida Toft',
      role: 'youth_welfare_professional',
      in: 'boernUnge',
      secrecy: 'public_official',
    },
    grethe: { name: 'Grethe Vang', role: 'self_help_rep', in: 'fristedet', secrecy: 'declared' },
    jens: { name: 'Jens Skov', role: 'coordinator', in: 'administration', secrecy: 'public_official' },
    mette: { name: 'Mette Bro', role: 'dpo', in: 'administration' },
    lars: { name: 'Lars Eng', role: 'tenant_admin', in: 'administration', secrecy: 'public_official' },
    nina: { name: 'Nina Kilde', role: 'auditor', in: 'administration' },
  },

  live: async (at) => {
    await agreed(at)
    await Promise.all([anders(at), anonymous(at), atTheJobCentre(at)])
  },
}

/** How soon the centre answers. */
async function agreed(at: Stage) {
  const jens = await at.as('jens')
  await jens.tell('/v1/interfaces', {
    fromOrganizationId: at.organization('brobyggere'),
    toOrganizationId: at.organization('rusmiddel'),
    answerDays: 5,
    agreement: 'Centeret svarer inden for fem dage.',
  })
}

/** No door is the wrong one: the job centre asks the navigators. */
async function atTheJobCentre(at: Stage) {
  const bo = await at.as('bo')
  await bo.tell('/v1/contacts', {
    kind: 'wrong_door',
    problems: ['alcohol'],
    toOrganizationId: at.organization('brobyggere'),
  })
}

/** Known by name, the clearing is finished; the referral waits for its answer. */
async function anders(at: Stage) {
  const freja = await at.as('freja')
  const known = await comes(
    freja,
    {
      identificationLevel: 'identified',
      identity: { givenName: 'Anders', familyName: 'Bøgelund', birthDate: '1984-02-17' },
      reach: { phone: '+45 00 00 00 01', modes: ['phone'] },
      ageBand: 'a40_44',
      gender: 'male',
      ags: '999',
      language: 'da',
    },
    {
      requesterRole: 'self',
      referralSource: 'job_centre',
      concern: 'Drikker for meget og er ved at miste sit job.',
      nextStep: 'Spørg, om rusmiddelcenteret har givet en tid',
      nextStepOn: at.day(4),
    },
  )
  await clears(freja, known, {
    answers: {
      'substance_use.main': 'alcohol',
      'substance_use.wish': 'pause',
      'work_education.at_risk': 'yes',
    },
    ratings: ratings({
      substance_use: { need: 'n3', note: 'Drikker de fleste dage.' },
      work_education: { need: 'n2', note: 'Er sygemeldt.' },
      health_mental: { need: 'n2' },
      children_parenting: { skipped: 'person_declined' },
    }),
    strengths: 'Har holdt pause før og ved, hvad der hjælper.',
    wishes: 'At beholde arbejdet.',
    auditC: { answers: [4, 3, 3], language: 'da' },
  })
  // Sundhedsloven § 141: from the first request on, treatment begins within fourteen days.
  await freja.tell(`/v1/cases/${known.id}/deadlines`, {
    kind: 'treatment_guarantee_14d',
    startedOn: at.first,
  })
  const release = await releases(freja, known, at, 'da', {
    recipientOrganizationId: at.organization('rusmiddel'),
    purposeDetail: 'Så centeret kan tilbyde en første samtale',
    categories: ['identity_contact', 'clearing_summary', 'substance_use', 'attendance_only'],
  })
  await refers(freja, known, {
    offerId: at.offer('alkohol'),
    releaseId: release.id,
    categories: ['identity_contact', 'substance_use'],
    situation: 'Anders ønsker en første samtale, helst om eftermiddagen.',
  })
}

/** Anonymous alcohol treatment is a right (Sundhedsloven § 141): referred without a release. */
async function anonymous(at: Stage) {
  const mads = await at.as('mads')
  const unknown = await comes(
    mads,
    { identificationLevel: 'anonymous', ageBand: 'a50_54', gender: 'female' },
    {
      requesterRole: 'self',
      referralSource: 'self_initiative',
      concern: 'Vil ikke sige sit navn. Er bange for at drikke igen.',
      nextStep: 'Ringer selv igen',
      nextStepOn: at.day(3),
    },
  )
  await refers(mads, unknown, {
    offerId: at.offer('alkohol'),
    situation: 'En person ønsker anonym alkoholbehandling.',
  })
}
