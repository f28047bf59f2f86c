// How does an appointment get into anybody's calendar? As iCalendar (RFC 5545), without a word about why one meets.
import type { Text } from '../../platform/language.ts'
import type { Code } from '../vocabularies/index.ts'

interface Entry {
  id: string
  version: number
  status: Code<'appointment_status'>
  startsAt: string
  minutes: number
  place: string
}

interface Municipality {
  slug: string
  language: keyof Text
}

const title: Text = { de: 'Termin', en: 'Appointment', da: 'Aftale' }

/**
 * The package `ics` counts characters where RFC 5545 counts octets (a line of umlauts comes out twice too long) and
 * writes the alarm as `-P1DT`, which is no duration.
 */
export function calendarOf(entry: Entry, { slug, language }: Municipality, writtenAt: string): string {
  const cancelled = entry.status.startsWith('cancelled')
  const starts = new Date(entry.startsAt)
  const alarm = [
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${escaped(title[language])}`,
    'TRIGGER:-P1D',
    'END:VALARM',
  ]
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Lotse//Lotse 1//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    // The same entry for ever: a calendar replaces what it holds when the sequence has grown.
    `UID:${entry.id}@${slug}`,
    `SEQUENCE:${entry.version - 1}`,
    `DTSTAMP:${utc(new Date(writtenAt))}`,
    `DTSTART:${utc(starts)}`,
    `DTEND:${utc(new Date(starts.getTime() + entry.minutes * 60_000))}`,
    `SUMMARY:${escaped(title[language])}`,
    `LOCATION:${escaped(entry.place)}`,
    `STATUS:${cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    'CLASS:PRIVATE',
    ...(cancelled ? [] : alarm),
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

/** § 3.3.5, form 2. */
const utc = (at: Date) => `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

/** § 3.3.11; what is no text (control characters) does not travel. */
const escaped = (text: string) =>
  text
    .replaceAll(/[\\;,]/g, (sign) => `\\${sign}`)
    .replaceAll(/\r?\n/g, '\\n')
    .replaceAll(/\p{Cc}/gu, ' ')

/** § 3.1: no line is longer than 75 octets, and no character is cut in two. */
function folded(line: string): string {
  const lines = ['']
  let octets = 0
  for (const sign of line) {
    const size = Buffer.byteLength(sign)
    if (octets + size > 75) {
      lines.push(' ')
      octets = 1
    }
    lines[lines.length - 1] += sign
    octets += size
  }
  return lines.join('\r\n')
}
