// What may other modules use of identity?
export { colleague, organizationById, tenantById, userById } from './queries.ts'
export { enterCompartment, newNamedMember } from './queries.ts'
export { hashOf, identityRoutes } from './routes.ts'
export { installTenant, type NewTenant } from './install.ts'
export { tenantIdOf } from './tokens.ts'
