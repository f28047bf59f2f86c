// What does a browser see on a page? Asked in its own language, as text: this project's types know no document.
import type { Page } from 'playwright-core'

/** How many pixels the page is wider than what is shown of it. */
export const sideways = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** Where the keyboard is: the id of a field or target, or else the words. */
export const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const { id, textContent } = document.activeElement
    return id || (document.activeElement === document.body ? '' : textContent.trim())
  })()`)

export interface Contrast {
  words: string
  ratio: number
}

/** Every text that is shown, with the contrast to what lies behind it (WCAG 2.2, 1.4.3). */
export const contrasts = (page: Page) =>
  page.evaluate<Contrast[]>(`(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const over = (colours) => {
      canvas.fillStyle = '#fff'
      canvas.fillRect(0, 0, 1, 1)
      for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((one) => {
        const part = one / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : []
    const ratioOf = (element) => {
      const back = behind(element)
      const [light, dark] = [over(back), over([...back, getComputedStyle(element).color])].map(luminance).sort((a, b) => b - a)
      return (light + 0.05) / (dark + 0.05)
    }
    const told = [...document.body.querySelectorAll('*')].flatMap((element) => {
      const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(' ').trim()
      const words = own || (/^(INPUT|TEXTAREA)$/.test(element.tagName) ? element.value : '')
      if (!words || element.tagName === 'OPTION' || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return []
      return [{ words, ratio: ratioOf(element) }]
    })
    return told
  })()`)

export interface Heard {
  role: string
  name: string
  description: string
  invalid: boolean
  focused: boolean
}

/** What a screen reader is told of everything that can be operated. */
export async function heard(page: Page): Promise<Heard[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description, properties = [] }) => {
      const has = (wanted: string) => {
        const value: unknown = properties.find((property) => property.name === wanted)?.value.value
        return value === true || value === 'true'
      }
      return {
        role: String(role?.value),
        name: String(name?.value ?? ''),
        description: String(description?.value ?? ''),
        invalid: has('invalid'),
        focused: has('focused'),
      }
    })
}
