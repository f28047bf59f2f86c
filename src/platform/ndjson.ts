// What does a list look like to a program that reads it as one stream? An entry a line.
import type { Form } from './lists.ts'

export const mediaType = 'application/x-ndjson'

export const ndjson: Form = {
  mediaType,
  description: 'The whole list, one entry of `items` a line.',
  of: () => ({ head: '', page: (items) => items.map((item) => `${JSON.stringify(item)}\n`).join('') }),
}
