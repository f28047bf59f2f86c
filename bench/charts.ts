// How do numbers become a picture without a library? Two plain SVGs that a browser and a README show.

const [width, height, left, bottom, top] = [760, 360, 60, 60, 50]
const colours = ['#8a94a6', '#0b6e4f', '#c8553d', '#3a6ea5']

const text = (x: number, y: number, words: string, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`
const page = (title: string, parts: string[]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${[text(left, 24, title, 'font-size="15" font-weight="600"'), ...parts].join('\n')}
</svg>
`
const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
const legend = (names: readonly string[]) =>
  names.map((name, at) => {
    const x = left + at * 170
    return `<rect x="${x}" y="34" width="10" height="10" fill="${colours[at % colours.length]}"/>${text(x + 15, 43, name)}`
  })

export interface Group {
  name: string
  bars: { name: string; value: number }[]
}

export function barChart(title: string, groups: Group[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const room = height - bottom - top - 20
  const step = (width - left - 20) / groups.length
  const bars = groups.flatMap((group, at) => {
    const bar = (step - 30) / group.bars.length
    return [
      text(left + at * step + (step - 30) / 2, height - bottom + 20, group.name, 'text-anchor="middle"'),
      ...group.bars.flatMap(({ value }, index) => {
        const tall = (value / most) * room
        const x = left + at * step + index * bar
        const y = height - bottom - tall
        return [
          `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(bar - 4).toFixed(1)}" height="${tall.toFixed(1)}" fill="${colours[index]}"/>`,
          text(x + bar / 2 - 2, y - 4, number(value), 'text-anchor="middle" font-size="11"'),
        ]
      }),
    ]
  })
  return page(title, [...legend(groups[0]!.bars.map(({ name }) => name)), ...bars])
}

export interface Line {
  name: string
  points: { x: number; y: number }[]
}

export function lineChart(title: string, lines: Line[]): string {
  const all = lines.flatMap(({ points }) => points)
  const decade = (values: number[]) =>
    [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))] as const
  const [x0, x1] = decade(all.map(({ x }) => x))
  const [y0, y1] = decade(all.map(({ y }) => y))
  const right = width - 30
  const low = height - bottom
  const x = (value: number) => left + ((Math.log10(value) - x0) / Math.max(1, x1 - x0)) * (right - left)
  const y = (value: number) => low - ((Math.log10(value) - y0) / Math.max(1, y1 - y0)) * (low - top - 10)
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at))
  const grid = [
    ...range(x0, x1).flatMap((value) => [
      `<path d="M${x(value).toFixed(1)} ${low}V${top + 10}" stroke="#e3e6ea"/>`,
      text(x(value), low + 18, value.toLocaleString('en'), 'text-anchor="middle"'),
    ]),
    ...range(y0, y1).flatMap((value) => [
      `<path d="M${left} ${y(value).toFixed(1)}H${right}" stroke="#e3e6ea"/>`,
      text(left - 8, y(value) + 4, String(value), 'text-anchor="end"'),
    ]),
  ]
  const drawn = lines.flatMap(({ points }, at) => [
    `<polyline fill="none" stroke="${colours[at]}" stroke-width="2" points="${points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ')}"/>`,
    ...points.map(
      (point) =>
        `<circle cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}" r="3.5" fill="${colours[at]}"/>`,
    ),
  ])
  return page(title, [...legend(lines.map(({ name }) => name)), ...grid, ...drawn])
}
