// What does a line of an import look like, and what is told of it?
import { z } from 'zod'
import { ExternalId } from '../../platform/external.ts'
import { Id } from '../../platform/zod.ts'
import { NewCase } from '../cases/index.ts'
import { NewClient } from '../clients/index.ts'
import { NewReferral } from '../referrals/index.ts'

const Own = ExternalId.meta({
  description: 'The own id under which the line is found again when the file is sent once more.',
})
const byOwn = (what: string) =>
  ExternalId.optional().meta({
    description: `Instead of the id: the own id of ${what}, also of one further up.`,
  })

const ClientLine = NewClient.extend({ kind: z.literal('client'), externalId: Own }).meta({
  id: 'ImportedClient',
})
const CaseLine = NewCase.omit({ clientId: true, previousCaseId: true })
  .extend({
    kind: z.literal('case'),
    externalId: Own,
    clientId: Id.optional(),
    clientExternalId: byOwn('the person'),
    previousCaseId: Id.optional(),
    previousCaseExternalId: byOwn('the case before'),
  })
  .meta({ id: 'ImportedCase' })
const ReferralLine = NewReferral.extend({
  kind: z.literal('referral'),
  externalId: Own,
  caseId: Id.optional(),
  caseExternalId: byOwn('the case'),
}).meta({ id: 'ImportedReferral' })

export const ImportLine = z.discriminatedUnion('kind', [ClientLine, CaseLine, ReferralLine]).meta({
  id: 'ImportLine',
  description: 'One line of the file: what the POST of that kind takes, with its own id.',
  examples: [
    {
      kind: 'case',
      externalId: 'kis:c:4711',
      clientExternalId: 'kis:p:815',
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Call about the appointment',
      nextStepOn: '2026-03-02',
    },
  ],
})
export type ImportLine = z.output<typeof ImportLine>
export const kinds = ['client', 'case', 'referral'] as const satisfies ImportLine['kind'][]

const status = z.enum(['created', 'unchanged', 'changed', 'refused']).meta({
  id: 'ImportStatus',
  description: '`refused` says why under `code` and `errors`, as the single request would.',
})

const ImportedLine = z
  .object({
    line: z.int().min(1).max(100_000_000).meta({ description: 'Counted from 1, blank lines too.' }),
    kind: z.enum(kinds).nullable().meta({ description: 'null where the line does not say.' }),
    externalId: ExternalId.nullable().meta({ description: 'null where the line has none that is usable.' }),
    status,
    id: Id.nullable().meta({ description: 'The record, where there is one that the caller may see.' }),
    code: z.string().nullable().meta({ description: 'Of a refusal: the code of the problem.' }),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).meta({
      description: 'Of a refusal: the places in the line. Never a value of it.',
    }),
  })
  .meta({ id: 'ImportedLine' })
export type ImportedLine = z.input<typeof ImportedLine>

const count = z.int().min(0).max(10_000)
const ImportSums = z
  .object({ lines: count, created: count, unchanged: count, changed: count, refused: count })
  .meta({ id: 'ImportSums', description: 'The last line: without it the report is not complete.' })

export const ImportReport = z.union([ImportedLine, ImportSums]).meta({
  id: 'ImportReport',
  description: 'One line of the report, in the order of the file; the sums come last.',
  examples: [
    {
      line: 2,
      kind: 'case',
      externalId: 'kis:c:4711',
      status: 'created',
      id: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
      code: null,
      errors: [],
    },
  ],
})
