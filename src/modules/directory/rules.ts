// Between whom can there be an interface, and who offers for whom?
import { defineProblems, problem } from '../../platform/problem.ts'

const refuse = defineProblems({
  interface_needs_two_organizations: {
    status: 409,
    text: {
      de: 'Eine Schnittstelle liegt zwischen zwei verschiedenen Stellen.',
      en: 'An interface lies between two different organisations.',
      da: 'En grænseflade ligger mellem to forskellige instanser.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    directory: typeof refuse
  }
}

export function twoOrganizations(between: { fromOrganizationId: string; toOrganizationId: string }) {
  if (between.fromOrganizationId === between.toOrganizationId)
    throw refuse('interface_needs_two_organizations', [
      { pointer: '/toOrganizationId', code: 'interface_needs_two_organizations' },
    ])
}

/** Administrator and coordinator keep the offers of everybody; every other organisation its own. */
export function ofOwnOrganization(role: string, ownId: string | null, organizationId: string) {
  if (!['tenant_admin', 'coordinator'].includes(role) && ownId !== organizationId)
    throw problem('not_allowed')
}
