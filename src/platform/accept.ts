// In which form does a caller want the answer? RFC 9110 § 12.5.1.

interface Range {
  type: string
  q: number
}

const rangesOf = (accept: string): Range[] =>
  accept.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    const q = weight === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0
    return type === '' ? [] : [{ type, q }]
  })

/** How much a form is wanted: what names it exactly counts more than what names its kind, or everything. */
function weightOf(form: string, ranges: readonly Range[]): number {
  const kind = form.replace(/\/.*$/, '/*')
  for (const name of [form, kind, '*/*']) {
    const named = ranges.filter(({ type }) => type === name)
    if (named.length > 0) return Math.max(...named.map(({ q }) => q))
  }
  return 0
}

/**
 * The form that is wanted most, of equals the one that is offered first. Whoever wants none of them gets the first all the
 * same, as the RFC allows: an answer that can be read helps more than 406.
 */
export function preferred<F extends string>(accept: string | undefined, offered: readonly [F, ...F[]]): F {
  if (accept === undefined) return offered[0]
  const ranges = rangesOf(accept)
  let best: F = offered[0]
  for (const form of offered) if (weightOf(form, ranges) > weightOf(best, ranges)) best = form
  return best
}
