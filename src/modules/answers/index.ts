// What may other modules use of answers? The routes and the page; and the mail that a job sends.
export { mailAnswerLink } from './mail.ts'
export { answerRoutes } from './routes.ts'
