// What is there to be reached, and by whom? One record of every kind for each relation, each with its own canary.
import { randomUUID } from 'node:crypto'
import type { Lotse } from './app.ts'
import { cast, mira, nils, nora, organizations, otto, type Member } from './cast.ts'
import { done } from './factories.ts'
import type { Organization } from './people.ts'

export const kinds = [
  'client',
  'case',
  'task',
  'deadline',
  'substitution',
  'clearing',
  'release',
  'referral',
  'attachment',
  'answerLink',
  'handover',
  'notice',
  'appointment',
  'attempt',
  'organization',
  'offer',
  'user',
  'membership',
  'obligation',
  'guide',
  'handoverConcept',
  'contact',
  'scopeRule',
  'interface',
  'webhook',
  'delivery',
  'serviceAccount',
  'serviceAccountKey',
  'provider',
] as const
export type Kind = (typeof kinds)[number]
export type Records = Record<Kind, string>

/** Stands in every text about a person of one world, so that it is recognised wherever it turns up. */
export const canary = (of: string) => `Kanari-${of}-Vogel`
export const anyCanary = /Kanari/

export const nowhere = () => Object.fromEntries(kinds.map((kind) => [kind, randomUUID()])) as Records

/** A person with everything that can be recorded about them, up to an offered handover to `to`. */
export async function aWorld(
  of: string,
  { as, sql, ...make }: Lotse,
  by: Member,
  to: Organization,
  shielded = false,
): Promise<Records> {
  const text = canary(of)
  const mine = await as(by)
  const client = await make.aClient(
    { identificationLevel: 'pseudonymous', shielded, alias: text, district: text },
    by,
  )
  const named = {
    to: 'identified',
    reason: 'Wants to be called by name',
    identity: { familyName: text, birthDate: '1980-02-03' },
  }
  done(
    await mine.post(`/v1/clients/${client.id}/raise-level`, named, { idempotencyKey: `raise-${client.id}` }),
  )
  const {
    id: handover,
    referralId: referral,
    caseId,
    releaseId: release,
    attachmentId: attachment,
    answerLinkId: answerLink,
  } = await make.anOfferedHandover({
    clientId: client.id,
    to,
    by,
    situation: text,
    attached: text,
    linked: true,
  })
  done(await mine.edit(`/v1/cases/${caseId}`, { concern: text }))
  done(await mine.post(`/v1/referrals/${referral}/messages`, { text: 'Which day suits?' }))
  const { id: clearing } = await make.aClearing(caseId, by)
  const answers = { 'health_mental.suicidal': 'yes' }
  done(await mine.edit(`/v1/clearings/${clearing}`, { answers, wishes: text }))
  const { id: appointment } = await make.anAppointment(caseId, { place: text, withWhom: text }, by)
  const { id: attempt } = await make.anAttempt(caseId, { note: text }, by)
  const [notice] = await sql<{ id: string }>(
    `insert into notices (tenant_id, id, kind, subject_kind, subject_id, audience, compartment_id, case_id)
     select tenant_id, uuidv7(), 'handover_answered', 'case', id, 'lead', compartment_id, id from cases where id = $1
     returning id`,
    [caseId],
  )
  await sql(
    `insert into mail_settings (tenant_id, id, rhythm) values ($1, $2, 'daily') on conflict do nothing`,
    [by.tenantId, by.membershipId],
  )
  const [task] = done(await mine.get(`/v1/tasks?caseId=${caseId}`)).body.items
  const { items: clocks } = done(await mine.get(`/v1/deadlines?caseId=${caseId}`)).body
  const deadline = clocks.find(({ kind }) => kind === 'release_expiry')
  const [guide] = done(await mine.get('/v1/clearing-guides')).body.items
  const [obligation] = await sql<{ id: string }>('select id from secrecy_obligations where user_id = $1', [
    by.userId,
  ])
  const { id: webhook, delivery } = await make.aWebhook(by)
  const { serviceAccount, serviceAccountKey, provider } = await make.aMachine(by)
  await sql(
    `insert into provider_subjects (tenant_id, id, provider_id, subject, user_id) values ($1, uuidv7(), $2, 'somebody', $3)`,
    [by.tenantId, provider, by.userId],
  )
  await sql(
    `insert into used_assertions (tenant_id, account_id, jti, expires_at) values ($1, $2, sha256('one'), now() + interval '1 hour')`,
    [by.tenantId, serviceAccount],
  )
  const [offer] = await sql<{ id: string }>('select id from offers where organization_id = $1', [
    by.organizationId,
  ])
  return {
    client: client.id,
    case: caseId,
    task: task!.id,
    deadline: deadline!.id,
    substitution: (await make.aSubstitution(by)).id,
    clearing,
    release,
    referral,
    attachment,
    answerLink,
    handover,
    notice: notice!.id,
    appointment,
    attempt,
    organization: by.organizationId,
    offer: offer!.id,
    user: by.userId,
    membership: by.membershipId,
    obligation: obligation!.id,
    guide: guide!.id,
    contact: (await make.aContact({ name: text, toOrganizationId: organizations[to] }, by)).id,
    scopeRule: await make.aScopeRule(by),
    interface: (await make.anInterface(by)).id,
    webhook,
    delivery,
    serviceAccount,
    serviceAccountKey,
    provider,
    handoverConcept: (await make.aHandoverConcept({}, by)).id,
  }
}

/** The worlds that every test of access looks at: Nora's, and those that are none of her business. */
export async function worlds(lotse: Lotse) {
  const [own, otherUnit, shielded, otherCity] = await Promise.all([
    aWorld('own', lotse, nora, 'birkenhof'),
    aWorld('other-unit', lotse, mira, 'birkenhof'),
    aWorld('shielded', lotse, nils, 'birkenhof', true),
    aWorld('other-city', lotse, otto, 'ostberatung'),
  ])
  return { own, 'other unit': otherUnit, shielded, 'other city': otherCity, nowhere: nowhere() }
}

/** Of each role one member in Lindenau; navigators of the unit Mitte. */
export const oneOfEach = [
  'nora',
  'hanna',
  'anton',
  'jule',
  'selma',
  'carla',
  'paul',
  'bea',
  'petra',
  'emil',
  'dora',
  'ada',
  'arne',
] as const
export const actors = oneOfEach.map((key) => cast[key])
