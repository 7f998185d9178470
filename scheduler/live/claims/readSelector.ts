import type { DeviceAttribute } from '../../model/gang.ts'

/**
 * The equalities that a selector in CEL comes to: `device.driver == "…"` and
 * `device.attributes["domain"].name == …`, joined by `&&`.
 * @returns null where it is anything else
 */
export function readSelector(expression: string): DeviceAttribute[] | null {
  const equalities: DeviceAttribute[] = []
  let at = 0
  for (;;) {
    TERM.lastIndex = at
    const groups = TERM.exec(expression)?.groups
    if (groups === undefined) return null
    const { domain, name, text, number, truth } = groups
    const attribute = domain === undefined ? 'driver' : `${domain}/${name}`
    equalities.push({ name: attribute, value: text ?? (number === undefined ? truth === 'true' : Number(number)) })
    at = TERM.lastIndex
    if (at === expression.length) return equalities
    if (!expression.startsWith('&&', at)) return null
    at += 2
  }
}

/** One equality, with the space around it. Strings with escapes are left to whoever can read them all. */
const TERM =
  /\s*device\.(?:driver|attributes\[(?<q>["'])(?<domain>[^"'\\]+)\k<q>\]\.(?<name>[A-Za-z_]\w*))\s*==\s*(?:(?<s>["'])(?<text>[^"'\\]*)\k<s>|(?<number>-?\d{1,15})|(?<truth>true|false))(?!\w|\.)\s*/y
