// What may other modules use of releases and disclosures?
export { disclose, disclosed, noticeFor, seenUntil, type Part } from './disclosure.ts'
export { endDisclosuresOfSubject, lockRelease, received, releaseById, viewsEnd } from './queries.ts'
export { releaseRoutes, type OnReleaseEnded, type ReleaseRow } from './routes.ts'
export { anonymously, identifying, released, type Category } from './rules.ts'
export { Disclosed } from './schema.ts'
