// Does a case have exactly one lead and one dated next step until it is closed?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { nora, otto } from '../support/cast.ts'
import { inDays } from '../support/factories.ts'

const { as, aCase } = await lotse()

test('a case is opened with a lead and a dated next step', async () => {
  const opened = await aCase()
  expect(opened).toMatchObject({ status: 'open', leadMembershipId: nora.membershipId, nextStepOn: inDays(3) })
  expect((await (await as(otto)).get(`/v1/cases/${opened.id}`)).status).toBe(404)
})
