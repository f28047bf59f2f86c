// What may other modules use of notices?
export { mailNotices, type Courier } from './mail.ts'
export { noticeRoutes } from './routes.ts'
export { Notice } from './schema.ts'
export { tell, type Audience } from './tell.ts'
