// How does a page come to be, in which nobody's words become markup?
import { createHash } from 'node:crypto'

/** Markup that was written here; everything else is text and is escaped. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

type Content = Html | string | number | null | undefined | false | readonly Content[]

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}
const escaped = (text: string) => text.replace(/[&<>"'`]/g, (sign) => escapes[sign]!)

function rendered(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Html) return content.markup
  if (typeof content === 'string') return escaped(content)
  if (typeof content === 'number') return String(content)
  return content.map(rendered).join('')
}

/** A value stands only between tags or inside a quoted attribute. */
export const markup = (strings: TemplateStringsArray, ...values: Content[]) =>
  new Html(String.raw({ raw: strings }, ...values.map(rendered)))

export interface Style {
  element: Html
  source: string
}

/** A style sheet inside the page, and the one source that the content security policy then allows. */
export const style = (sheet: string): Style => ({
  element: new Html(`<style>${sheet}</style>`),
  source: `'sha256-${createHash('sha256').update(sheet).digest('base64')}'`,
})

/** No script, no picture, no frame, nothing from anywhere: a form to ourselves and our own style sheet. */
export const pageHeaders = ({ source }: Style) => ({
  'content-security-policy': `default-src 'none'; style-src ${source}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'x-robots-tag': 'noindex, nofollow',
})
