// What does a substitution look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, list, Page, prose, Version } from '../../platform/zod.ts'

const FromOn = Day.meta({ description: 'The first day; not in the past when it is arranged.' })
const UntilOn = Day.meta({ description: 'The last day, one year after the first at most.' })

export const Substitution = z
  .object({
    id: Id,
    organizationId: Id,
    absentMembershipId: Id,
    substituteMembershipId: Id,
    fromOn: FromOn,
    untilOn: UntilOn,
    running: z.boolean().meta({ description: 'Today is one of its days, and it has not been handed back.' }),
    endedAt: Instant.nullable(),
    handBackNote: z.string().nullable(),
    version: Version,
  })
  .meta({ id: 'Substitution' })
export const Substitutions = list(Substitution, 'Substitutions')

export const SubstitutionFilter = z.strictObject({
  ...Page.shape,
  of: z
    .union([z.literal('me'), Id])
    .optional()
    .meta({ description: 'Only those in which this membership is absent or stands in; `me` for one’s own.' }),
})

export const NewSubstitution = z
  .strictObject({
    absentMembershipId: Id.optional().meta({
      description: 'Oneself when left out; somebody else only by the head.',
    }),
    substituteMembershipId: Id.meta({ description: 'Somebody of the same organisation.' }),
    fromOn: FromOn,
    untilOn: UntilOn,
  })
  .meta({ id: 'NewSubstitution' })

export const HandBack = z
  .strictObject({
    note: prose(2000)
      .default('')
      .meta({
        description:
          'What the other should know about the handing back. No facts about people: they belong into their cases.',
        examples: ['All next steps are up to date; the meeting of the network was moved.'],
      }),
  })
  .meta({ id: 'HandBack' })
