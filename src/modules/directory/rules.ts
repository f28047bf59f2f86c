// Between whom can there be an interface?
import { defineProblems } from '../../platform/problem.ts'

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

export function twoOrganizations(between: { fromOrganizationId: string; toOrganizationId: string }) {
  if (between.fromOrganizationId === between.toOrganizationId)
    throw refuse('interface_needs_two_organizations', [
      { pointer: '/toOrganizationId', code: 'interface_needs_two_organizations' },
    ])
}
