// What does a city look like whose navigators sit at the social-psychiatric service? Lindenau an der Strolle, invented.
import { answers, clears, comes, hands, ratings, refers, releases, type Stage } from './stage.ts'
import type { Place } from './place.ts'

export const city: Place = {
  slug: 'demo-lindenau',
  name: 'Stadt Lindenau an der Strolle',
  kind: 'city',
  country: 'de',
  timeZone: 'Europe/Berlin',
  language: 'de',
  administration: 'Fachbereich Gesundheit',
  domain: 'lindenau.example',

  organizations: {
    spdi: {
      kind: 'municipal_unit',
      sector: 'social_psychiatry',
      name: 'Sozialpsychiatrischer Dienst',
      in: 'administration',
      phone: '0555 0100-10',
      address: 'Am Alten Zoll 3',
      offers: {
        hausbesuch: {
          type: 'social_psychiatry',
          name: 'Beratung und Hausbesuche des Sozialpsychiatrischen Dienstes',
          for: ['dual_diagnosis', 'complex_needs'],
        },
      },
    },
    lotsen: {
      kind: 'municipal_unit',
      sector: 'addiction',
      name: 'Lotsenstelle Fährhaus',
      in: 'spdi',
      phone: '0555 0100-20',
      address: 'Fährgasse 1',
      offers: {
        lotsen: {
          type: 'navigator_service',
          name: 'Lots*innen für Menschen mit besonderen Problemlagen',
          description: 'Ohne Termin, auch anonym. Wir suchen mit Ihnen die passende Hilfe und gehen mit.',
          for: ['complex_needs', 'not_reached_before', 'dual_diagnosis', 'relative'],
          languages: ['de', 'en', 'tr', 'ru'],
        },
      },
    },
    planung: {
      kind: 'municipal_unit',
      sector: 'health',
      name: 'Kommunale Suchthilfeplanung',
      in: 'administration',
    },
    jugendamt: {
      kind: 'youth_office',
      sector: 'youth',
      name: 'Jugendamt Lindenau',
      phone: '0555 0100-40',
      address: 'Rathausplatz 2',
      residences: ['99001000', 'Altstadt', 'Hafen', 'Weberviertel', 'Kirschgarten'],
      offers: {
        familienhilfe: {
          type: 'family_support',
          name: 'Sozialpädagogische Familienhilfe',
          for: ['parent_dependent', 'family_affected'],
        },
        erziehung: {
          type: 'youth_welfare',
          name: 'Hilfen zur Erziehung',
          for: ['young_person', 'family_affected'],
        },
        fruehehilfen: {
          type: 'early_help',
          name: 'Frühe Hilfen',
          for: ['expectant_parent', 'parent_substituted'],
        },
      },
    },
    wehr: {
      kind: 'service_provider',
      sector: 'addiction',
      name: 'Suchtberatung Am Wehr',
      phone: '0555 0200-10',
      address: 'Am Wehr 12',
      offers: {
        beratung: {
          type: 'addiction_counselling',
          name: 'Suchtberatung',
          description: 'Einzel-, Paar- und Familiengespräche, offene Sprechstunde dienstags und donnerstags.',
          for: ['dependent_adult', 'at_risk_user', 'relative', 'new_addictions'],
          languages: ['de', 'en', 'pl'],
        },
        ambulant: {
          type: 'outpatient_treatment',
          name: 'Ambulante Rehabilitation Sucht',
          for: ['dependent_adult'],
        },
        psb: {
          type: 'psychosocial_support',
          name: 'Psychosoziale Begleitung in der Substitution',
          for: ['parent_substituted', 'dependent_adult'],
        },
        nachsorge: { type: 'aftercare', name: 'Nachsorgegruppe', for: ['dependent_adult'] },
      },
    },
    klinikum: {
      kind: 'clinic',
      sector: 'health',
      name: 'Klinikum Strolletal, Station 4 (Qualifizierter Entzug)',
      phone: '0555 0300-40',
      address: 'Bergstraße 50',
      offers: {
        entzug: {
          type: 'detox',
          name: 'Qualifizierter Entzug',
          for: ['dependent_adult', 'medication_dependent'],
          languages: ['de', 'en'],
        },
      },
    },
    birkenhof: {
      kind: 'clinic',
      sector: 'addiction',
      name: 'Fachklinik Birkenhof',
      phone: '0555 0300-70',
      email: 'aufnahme@birkenhof.example',
      offers: {
        reha: {
          type: 'inpatient_rehab',
          name: 'Stationäre Entwöhnung',
          for: ['dependent_adult', 'older_person'],
        },
        adaption: { type: 'adaptation', name: 'Adaption', for: ['dependent_adult'] },
      },
    },
    tagesklinik: {
      kind: 'clinic',
      sector: 'psychiatry',
      name: 'Tagesklinik Uferweg',
      offers: {
        tagesklinik: { type: 'day_treatment', name: 'Tagesklinische Behandlung', for: ['dual_diagnosis'] },
        ambulanz: {
          type: 'psychiatry',
          name: 'Psychiatrische Ambulanz',
          for: ['dual_diagnosis', 'complex_needs'],
        },
      },
    },
    praxis: {
      kind: 'practice',
      sector: 'health',
      name: 'Praxis Dr. Amsel (Substitution)',
      offers: {
        substitution: {
          type: 'opioid_substitution',
          name: 'Substitutionsbehandlung',
          for: ['dependent_adult'],
        },
      },
    },
    jobcenter: {
      kind: 'other',
      sector: 'work',
      name: 'Jobcenter Lindenau',
      offers: {
        arbeit: {
          type: 'work_integration',
          name: 'Fallmanagement Gesundheit und Arbeit',
          for: ['complex_needs'],
        },
      },
    },
    dach: {
      kind: 'service_provider',
      sector: 'housing',
      name: 'Wohnungsnothilfe Vier Wände',
      phone: '0555 0200-60',
      address: 'Hafenstraße 8',
      offers: {
        notschlafstelle: { type: 'emergency_housing', name: 'Notschlafstelle', for: ['long_term_harm'] },
        wohnen: {
          type: 'supported_housing',
          name: 'Betreutes Wohnen',
          for: ['dependent_adult', 'long_term_harm'],
        },
        strasse: {
          type: 'street_outreach',
          name: 'Straßensozialarbeit am Hafen',
          for: ['not_reached_before'],
        },
        kontaktladen: {
          type: 'low_threshold',
          name: 'Kontaktladen Anker',
          for: ['long_term_harm', 'at_risk_user'],
        },
      },
    },
    klarsicht: {
      kind: 'service_provider',
      sector: 'debt',
      name: 'Schuldnerberatung Klarsicht',
      offers: { schulden: { type: 'debt_counselling', name: 'Schuldner- und Insolvenzberatung' } },
    },
    bewaehrung: {
      kind: 'other',
      sector: 'justice',
      name: 'Ambulanter Sozialer Dienst der Justiz Strolletal',
    },
    schule: {
      kind: 'other',
      sector: 'education',
      name: 'Schulberatung Lindenau',
      offers: {
        schule: { type: 'prevention_secondary', name: 'Sprechstunde an Schulen', for: ['young_person'] },
      },
    },
    werk: {
      kind: 'other',
      sector: 'workplace',
      name: 'Betriebliche Suchthilfe der Strollewerke',
      offers: { betrieb: { type: 'other', name: 'Kollegiale Beratung im Betrieb', for: ['at_risk_user'] } },
    },
    dachverband: {
      kind: 'umbrella',
      sector: 'self_help',
      name: 'Arbeitsgemeinschaft Suchtselbsthilfe Strolletal',
    },
    aufwind: {
      kind: 'self_help',
      sector: 'self_help',
      name: 'Selbsthilfegruppe Aufwind',
      in: 'dachverband',
      offers: {
        gruppe: {
          type: 'self_help_group',
          name: 'Gruppe Aufwind, mittwochs 19 Uhr',
          description: 'Offen für alle Suchtmittel. Niemand muss einen Namen nennen.',
          for: ['dependent_adult', 'at_risk_user', 'new_addictions'],
        },
      },
    },
    leuchtturm: {
      kind: 'self_help',
      sector: 'self_help',
      name: 'Angehörigengruppe Leuchtturm',
      in: 'dachverband',
      offers: {
        angehoerige: {
          type: 'relatives_group',
          name: 'Gruppe für Angehörige',
          for: ['relative', 'family_affected'],
        },
      },
    },
    vorbeugung: {
      kind: 'municipal_unit',
      sector: 'prevention',
      name: 'Fachstelle Suchtvorbeugung',
      in: 'administration',
      offers: {
        vorbeugung: {
          type: 'prevention_primary',
          name: 'Elternabende und Klassenprojekte',
          for: ['young_person'],
        },
      },
    },
    nest: { kind: 'service_provider', sector: 'youth', name: 'Kinderschutzzentrum Nest' },
    fahrschule: {
      kind: 'driving_school',
      sector: 'transport',
      name: 'Fahrschule Grünpfeil',
      offers: {
        peers: {
          type: 'peer_education',
          name: 'Peers in der Fahrschule: nüchtern fahren',
          for: ['young_person'],
        },
      },
    },
    kasse: { kind: 'funder', sector: 'health', name: 'Gesundheitskasse Strolletal' },
  },

  people: {
    nora: { name: 'Nora Lenz', role: 'navigator', in: 'lotsen', secrecy: 'profession_203' },
    nils: { name: 'Nils Oder', role: 'navigator', in: 'lotsen', secrecy: 'profession_203' },
    hanna: { name: 'Hanna Voss', role: 'navigation_head', in: 'lotsen', secrecy: 'profession_203' },
    anton: { name: 'Anton Brück', role: 'network_professional', in: 'wehr', secrecy: 'profession_203' },
    agnes: { name: 'Agnes Thal', role: 'network_professional', in: 'klinikum', secrecy: 'profession_203' },
    tarek: { name: 'Tarek Sommer', role: 'network_professional', in: 'dach', secrecy: 'profession_203' },
    jule: {
      name: 'Jule Hain',
      role: 'youth_welfare_professional',
      in: 'jugendamt',
      secrecy: 'public_official',
    },
    selma: { name: 'Selma Roth', role: 'self_help_rep', in: 'aufwind', secrecy: 'declared' },
    carla: { name: 'Carla Stern', role: 'coordinator', in: 'planung', secrecy: 'public_official' },
    paul: { name: 'Paul Lindt', role: 'planner', in: 'planung', secrecy: 'public_official' },
    bea: { name: 'Bea Kamp', role: 'board_member', in: 'kasse' },
    petra: { name: 'Petra Moor', role: 'prevention_officer', in: 'vorbeugung', secrecy: 'public_official' },
    emil: { name: 'Emil Horst', role: 'safeguarding_expert', in: 'nest', secrecy: 'profession_203' },
    dora: { name: 'Dora Siel', role: 'dpo', in: 'administration' },
    ada: { name: 'Ada Ahrens', role: 'tenant_admin', in: 'administration', secrecy: 'public_official' },
    arne: { name: 'Arne Deich', role: 'auditor', in: 'administration' },
  },

  live: async (at) => {
    await agreed(at)
    await Promise.all(
      [marlene, rainer, ute, kranich, amsel, anonymous, relative, resting, ended, atTheDoors].map((story) =>
        story(at),
      ),
    )
  },
}

/** What a handover needs here, and how soon the ward answers. */
async function agreed(at: Stage) {
  const [hanna, carla] = await Promise.all([at.as('hanna'), at.as('carla')])
  await Promise.all([
    hanna.tell('/v1/handover-concepts', {
      types: {
        warm_joint: { required: ['situation'], answerDays: 5 },
        warm_phone: { required: ['situation'], answerDays: 3 },
        accompanied: { required: ['situation', 'fallback'], answerDays: 5 },
        written: { required: ['situation'], answerDays: 7 },
        emergency: { required: ['situation'], answerDays: 1 },
      },
    }),
    carla.tell('/v1/interfaces', {
      fromOrganizationId: at.organization('lotsen'),
      toOrganizationId: at.organization('klinikum'),
      answerDays: 3,
      agreement: 'Die Station antwortet binnen drei Tagen, im Zweifel mit einem Platz auf der Warteliste.',
    }),
  ])
}

/** A self-help group asks the navigators to call somebody; the housing aid met somebody who told no name. */
async function atTheDoors(at: Stage) {
  const [selma, tarek] = await Promise.all([at.as('selma'), at.as('tarek')])
  await Promise.all([
    selma.tell('/v1/contacts', {
      name: 'Fenja',
      reach: '0555 7131, nach 18 Uhr',
      agreement: 'Die Lots*innen dürfen Fenja anrufen.',
    }),
    tarek.tell('/v1/contacts', { kind: 'wrong_door', mode: 'outreach', problems: ['alcohol'] }),
  ])
}

/** Known by name, clearing finished; the referral is sent and waits for its answer. */
async function marlene(at: Stage) {
  const nora = await at.as('nora')
  const known = await comes(
    nora,
    {
      identificationLevel: 'identified',
      identity: {
        givenName: 'Marlene',
        familyName: 'Tannert',
        birthDate: '1978-04-11',
        address: 'Weberstieg 9, Lindenau',
      },
      reach: { phone: '0555 7001', modes: ['phone'], when: 'werktags vor 12 Uhr' },
      ageBand: 'a45_49',
      gender: 'female',
      district: 'Weberviertel',
      ags: '99001000',
      language: 'de',
    },
    {
      requesterRole: 'self',
      referralSource: 'gp_doctor',
      concern:
        'Möchte weniger trinken und die Wohnung halten. War schon bei zwei Stellen, die nicht zuständig waren.',
      nextStep: 'Nachfragen, ob die Suchtberatung geantwortet hat',
      nextStepOn: at.day(5),
    },
  )
  await clears(nora, known, {
    answers: {
      'substance_use.main': 'alcohol',
      'substance_use.frequency': 'd4_6_week',
      'substance_use.wish': 'less',
      'social_family.living_with': ['alone'],
      'health_mental.suicidal': 'no',
      'housing.situation': 'own_home',
      'housing.secure': 'unsure',
      'housing.problems': ['arrears'],
      'children_parenting.responsible': 'no',
      'existing_help.first_contact': 'no',
      'existing_help.broke_off': ['wrong_place'],
    },
    ratings: ratings({
      substance_use: { need: 'n3', note: 'Trinkt an den meisten Abenden, seit einem Jahr mehr.' },
      social_family: { need: 'n2', note: 'Lebt allein, eine Freundin weiß Bescheid.' },
      health_physical: { need: 'n1' },
      health_mental: { need: 'n2', note: 'Schläft schlecht.' },
      work_education: { need: 'n1' },
      housing: { need: 'n2', note: 'Zwei Mieten Rückstand.' },
      finances_debt: { need: 'n2' },
      children_parenting: { need: 'n0' },
      daily_structure: { need: 'n1' },
      existing_help: { need: 'n1' },
      language_access: { need: 'n0' },
    }),
    strengths: 'Hat sich selbst gemeldet, hält Termine.',
    wishes: 'Eine Stelle, die zuhört, und die Wohnung behalten.',
    auditC: { answers: [4, 2, 2], language: 'de' },
  })
  const release = await releases(nora, known, at, 'de', {
    recipientOrganizationId: at.organization('wehr'),
    purposeDetail: 'Damit die Suchtberatung ein Erstgespräch anbieten kann',
    categories: [
      'identity_contact',
      'clearing_summary',
      'substance_use',
      'screening_scores',
      'attendance_only',
    ],
  })
  await refers(nora, known, {
    offerId: at.offer('beratung'),
    releaseId: release.id,
    categories: ['identity_contact', 'substance_use', 'screening_scores'],
    situation: 'Frau Tannert wünscht ein Erstgespräch, gern vormittags.',
  })
}

/** Accepted by the ward, a handover is offered: until he arrives there, the navigators stay responsible. */
async function rainer(at: Stage) {
  const [nils, agnes] = await Promise.all([at.as('nils'), at.as('agnes')])
  const known = await comes(
    nils,
    {
      identificationLevel: 'identified',
      identity: { givenName: 'Rainer', familyName: 'Ohlsen', birthDate: '1969-11-02' },
      reach: { phone: '0555 7002', modes: ['phone', 'outreach'], mayLeaveMessage: true },
      ageBand: 'a55_59',
      gender: 'male',
      district: 'Hafen',
    },
    {
      requesterRole: 'professional',
      referralSource: 'housing_service',
      concern: 'Will entziehen und danach nicht zurück in die Notschlafstelle.',
      nextStep: 'Zur Aufnahme auf Station 4 begleiten',
      nextStepOn: at.day(2),
    },
  )
  await clears(nils, known, {
    answers: {
      'substance_use.main': 'alcohol',
      'housing.situation': 'emergency_shelter',
      'health_physical.withdrawal': 'yes',
    },
    ratings: ratings({
      substance_use: { need: 'n4', note: 'Täglich, frühere Entzüge mit Krampfanfall.' },
      health_physical: { need: 'n3', note: 'Krampfanfall im Entzug bekannt.' },
      housing: { need: 'n4' },
      social_family: { need: 'n2' },
      health_mental: { skipped: 'later' },
      existing_help: { need: 'n2' },
    }),
    wishes: 'Jemand soll mitkommen.',
    auditC: { answers: [4, 4, 4], language: 'de' },
  })
  const release = await releases(nils, known, at, 'de', {
    recipientOrganizationId: at.organization('klinikum'),
    recipientPerson: 'Agnes Thal',
    purposeDetail: 'Aufnahme zum Entzug und Rückmeldung, ob sie geklappt hat',
    categories: [
      'identity_contact',
      'clearing_summary',
      'substance_use',
      'health_somatic',
      'help_plan',
      'attendance_only',
    ],
  })
  const referral = await refers(nils, known, {
    offerId: at.offer('entzug'),
    releaseId: release.id,
    categories: ['identity_contact', 'substance_use', 'health_somatic'],
    situation: 'Herr Ohlsen ist zum Entzug entschlossen.',
    urgency: 'soon',
  })
  await answers(agnes, referral, 'accept')
  const { membership } = await nils.read('/v1/me')
  await hands(nils, known, {
    referralId: referral.id,
    type: 'accompanied',
    accompaniedByMembershipId: (membership as { id: string }).id,
    sections: {
      situation: 'Aufnahme am vereinbarten Tag um 9 Uhr, wird begleitet.',
      background: 'Lebt in der Notschlafstelle, ein Krampfanfall im früheren Entzug.',
      client_view: 'Möchte nachts nicht allein im Zimmer sein.',
      open_tasks: 'Betreutes Wohnen für die Zeit danach ist angefragt.',
      fallback: 'Wenn er nicht kommt: Anruf bei der Lotsenstelle am selben Tag.',
    },
  })
}

/** Arrived: responsibility has moved, the case is in monitoring with its stability check. */
async function ute(at: Stage) {
  const [hanna, anton] = await Promise.all([at.as('hanna'), at.as('anton')])
  const known = await comes(
    hanna,
    {
      identificationLevel: 'identified',
      identity: { givenName: 'Ute', familyName: 'Brandeck' },
      ageBand: 'a30_34',
      gender: 'female',
      district: 'Kirschgarten',
    },
    {
      requesterRole: 'self',
      referralSource: 'self_initiative',
      concern: 'Nimmt seit drei Jahren Schlafmittel und möchte davon weg.',
      nextStep: 'Termin in der Beratungsstelle abwarten',
      nextStepOn: at.day(3),
    },
  )
  const release = await releases(hanna, known, at, 'de', {
    recipientOrganizationId: at.organization('wehr'),
    purposeDetail: 'Beratung zu Medikamentenabhängigkeit',
    categories: ['identity_contact', 'clearing_summary', 'attendance_only'],
  })
  const referral = await refers(hanna, known, {
    offerId: at.offer('beratung'),
    releaseId: release.id,
    categories: ['identity_contact'],
    situation: 'Frau Brandeck möchte beraten werden, bevor sie absetzt.',
  })
  await answers(anton, referral, 'accept')
  const handover = await hands(hanna, known, {
    referralId: referral.id,
    type: 'warm_phone',
    sections: { situation: 'Erstgespräch ist vereinbart; die Hausärztin weiß Bescheid.' },
  })
  const { acceptedAt } = await anton.tell(`/v1/handovers/${handover.id}/accept`)
  await hanna.tell(`/v1/handovers/${handover.id}/joint-talk`, { heldAt: acceptedAt })
  await anton.tell(`/v1/handovers/${handover.id}/confirm-arrival`, { confirmedBy: 'receiver' })
}

/** Known by an alias only; the clearing is under way. */
async function kranich(at: Stage) {
  const nora = await at.as('nora')
  const known = await comes(
    nora,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Kranich',
      reach: { modes: ['chat', 'in_person_office'], when: 'nach 17 Uhr' },
      ageBand: 'a20_24',
      gender: 'diverse',
      district: 'Altstadt',
    },
    {
      requesterRole: 'self',
      referralSource: 'help_finder',
      concern: 'Kifft täglich, Ausbildung steht auf der Kippe.',
      nextStep: 'Clearinggespräch fortsetzen',
      nextStepOn: at.day(1),
    },
  )
  await clears(
    nora,
    known,
    {
      answers: { 'substance_use.main': 'cannabis', 'substance_use.frequency': 'daily' },
      ratings: { substance_use: { need: 'n2' }, work_education: { need: 'n3', note: 'Zweite Abmahnung.' } },
    },
    { finish: false },
  )
  await nora.tell(`/v1/cases/${known.id}/appointments`, {
    startsAt: `${at.day(9)}T14:00:00Z`,
    mode: 'in_person_office',
    place: 'Fährgasse 1, Eingang vom Hof',
  })
}

/** Declined for want of a place; the view of the ward has ended, the search goes on. */
async function amsel(at: Stage) {
  const [nils, agnes] = await Promise.all([at.as('nils'), at.as('agnes')])
  const known = await comes(
    nils,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Amsel',
      reach: { modes: ['phone'], phone: '0555 7005' },
      ageBand: 'a35_39',
      gender: 'female',
    },
    {
      requesterRole: 'self',
      referralSource: 'psychiatric_hospital',
      concern: 'Sucht einen Entzugsplatz, bei dem der Hund unterkommt.',
      nextStep: 'Anderen Platz suchen und Hundepflege klären',
      nextStepOn: at.day(4),
    },
  )
  const release = await releases(nils, known, at, 'de', {
    recipientOrganizationId: at.organization('klinikum'),
    purposeDetail: 'Anfrage nach einem Platz',
    categories: ['clearing_summary', 'attendance_only'],
  })
  const referral = await refers(nils, known, {
    offerId: at.offer('entzug'),
    releaseId: release.id,
    situation: 'Sucht einen Platz im Entzug; ein Hund ist zu versorgen.',
  })
  await answers(agnes, referral, 'decline', { reason: 'no_capacity', note: 'In drei Wochen wieder Plätze.' })
}

/** Stays anonymous, and is referred all the same: without a release, and without anything that identifies. */
async function anonymous(at: Stage) {
  const nora = await at.as('nora')
  const unknown = await comes(
    nora,
    { identificationLevel: 'anonymous', ageBand: 'a40_44', gender: 'male', district: 'Altstadt' },
    {
      requesterRole: 'self',
      referralSource: 'unknown',
      concern: 'Spielt am Automaten. Will keinen Namen nennen.',
      nextStep: 'Kommt am Sprechtag wieder vorbei',
      nextStepOn: at.day(7),
    },
  )
  await refers(nora, unknown, {
    offerId: at.offer('gruppe'),
    situation: 'Jemand möchte am Mittwoch ohne Namen in die Gruppe kommen.',
  })
}

/** A relative, with a case of her own; others have to act first. */
async function relative(at: Stage) {
  const hanna = await at.as('hanna')
  const opened = await comes(
    hanna,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Heide',
      ageBand: 'a50_54',
      gender: 'female',
      language: 'tr',
      interpreterNeeded: true,
    },
    {
      requesterRole: 'relative',
      referralSource: 'family_friends',
      concern: 'Mutter eines 19-Jährigen, der Amphetamine nimmt. Weiß nicht mehr weiter.',
      nextStep: 'Rückruf der Dolmetscherin abwarten',
      nextStepOn: at.day(6),
    },
  )
  if (opened.status === 'open')
    await hanna.tell(`/v1/cases/${opened.id}/next-step`, {
      text: 'Rückruf der Dolmetscherin abwarten, dann Termin zu dritt',
      on: at.day(6),
      waiting: true,
    })
}

/** Rests while the person is in hospital; a day to look again stays set. */
async function resting(at: Stage) {
  const nils = await at.as('nils')
  const opened = await comes(
    nils,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Bussard',
      ageBand: 'a60_64',
      gender: 'male',
      district: 'Hafen',
    },
    {
      requesterRole: 'authority',
      referralSource: 'hospital',
      concern: 'Nach Sturz im Krankenhaus; danach soll es weitergehen.',
      nextStep: 'Auf der Station anrufen',
      nextStepOn: at.day(3),
    },
  )
  if (opened.status === 'open')
    await nils.tell(`/v1/cases/${opened.id}/pause`, {
      reason: 'inpatient',
      text: 'Auf der Station nach dem Entlasstag fragen',
      on: at.day(14),
    })
}

/** Closed: guided to where help holds. */
async function ended(at: Stage) {
  const nora = await at.as('nora')
  const opened = await comes(
    nora,
    {
      identificationLevel: 'pseudonymous',
      alias: 'Lerche',
      ageBand: 'a25_29',
      gender: 'female',
      district: 'Weberviertel',
    },
    {
      requesterRole: 'self',
      referralSource: 'self_help',
      concern: 'Wollte wissen, welche Gruppe passt.',
      nextStep: 'Fragen, wie der erste Abend war',
      nextStepOn: at.day(2),
    },
  )
  await nora.tell(`/v1/cases/${opened.id}/close`, { endType: 'planned_regular', outcome: 'successful' })
}
