// How does an e-mail leave? Plain text to one address, over TLS unless the server is this machine.
import type { Transporter } from 'nodemailer'
import { setTimeout as sleep } from 'node:timers/promises'

export type Mailer = (mail: { to: string; subject: string; text: string }) => Promise<void>

/** Whoever waits for it holds a transaction open: together less than its idle timeout (platform/pool.ts). */
const longest = 10_000

const isThisMachine = (host: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(host)

/** One address: what takes a list would read two of them out of one text. */
const isAddress = (text: string) => /^[^\s\p{Cc},;:<>()[\]"@\\]+@[^\s\p{Cc},;:<>()[\]"@\\]+$/u.test(text)

const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim()

/** `smtps:` speaks TLS from the first byte, `smtp:` changes to it before anything is said. */
async function connectionTo(url: string): Promise<Transporter> {
  const { protocol, hostname } = new URL(url)
  // Loaded with the first e-mail: a start has no time for it.
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url,
    requireTLS: protocol === 'smtp:' && !isThisMachine(hostname),
    connectionTimeout: 4_000,
    greetingTimeout: 4_000,
    socketTimeout: 6_000,
    dnsTimeout: 4_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

export function createMailer(smtpUrl: string, from: string): Mailer {
  let opening: Promise<Transporter> | undefined
  return async ({ to, subject, text }) => {
    if (!isAddress(to)) throw Object.assign(new Error('this is no e-mail address'), { command: 'API' })
    opening ??= connectionTo(smtpUrl)
    const transport = await opening
    const sent = transport.sendMail({
      from: { name: 'Lotse', address: from },
      to: { name: '', address: to },
      envelope: { from, to: [to] },
      subject: oneLine(subject),
      text,
      xMailer: false,
      // RFC 3834: nobody's absence notice answers.
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    const late = sleep(longest, undefined, { ref: false }).then(() => {
      throw Object.assign(new Error('the mail server takes too long'), { code: 'ETIMEDOUT' })
    })
    late.catch(() => {})
    await Promise.race([sent, late])
  }
}

/** This address was refused; others may well be taken. */
export const refusedAddress = (error: unknown) =>
  ['RCPT TO', 'API'].includes((error as { command?: string }).command ?? '')
