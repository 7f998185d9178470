import { readFileSync } from 'node:fs'

/** What an attack got back from one request. */
export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

interface ErrorShape {
  message: unknown
  extensions?: { code?: unknown; requestId?: unknown }
}

/** The codes of gateway/README.md: what clients were told there may be. */
const DOCUMENTED = new Set(
  readFileSync(new URL('../../../gateway/README.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code)),
)
/** Documented, too, but nothing that a client may bring about while every part is there. */
const OURS = new Set<unknown>(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'])

/** Traces of the inside: where the code lies, what it is written in, what it asks its database. */
const INSIDE =
  /\.ts\b|\bat \S+ \(|node_modules|node:|TypeError|RangeError|Cannot read|is not a function|undefined|PostgresError|drizzle|\binsert into\b|\bselect .* from\b|violates|relation "|syntax at or near|ECONN|sluice_|pg_|_entities|\/tmp\/|\/usr\//i

/** @returns what is wrong with a reply; empty: nothing */
export function faultsOf({ status, headers, body }: Reply): string[] {
  const requestId = headers['x-request-id']
  const faults = faultsOfHead({ status, headers })
  if (headers['content-type']?.includes('event-stream')) return [...faults, ...faultsOfEvents(body)]
  const answer = parsed(body)
  if (status < 400 && !isObject(answer)) return faults // a page, a file, or nothing
  if (!isObject(answer)) return [...faults, `${status} and no JSON: ${body.slice(0, 200)}`]
  if (status >= 400 && !Array.isArray(answer.errors)) faults.push('no errors')
  return [...faults, ...faultsOfErrors(answer.errors, requestId)]
}

/** All there is of an answer to HEAD. */
export function faultsOfHead({ status, headers }: Omit<Reply, 'body'>): string[] {
  const faults = status >= 500 ? [`status ${status}`] : []
  return headers['x-request-id'] ? faults : [...faults, 'no request id']
}

/** @param requestId what every error has to say; undefined: any */
export function faultsOfErrors(errors: unknown, requestId?: unknown): string[] {
  if (errors === undefined) return []
  if (!Array.isArray(errors) || errors.length === 0) return ['errors is no list of errors']
  return errors.flatMap(({ message, extensions }: ErrorShape) => {
    const faults: string[] = []
    if (typeof message !== 'string' || message === '') faults.push('an error without a message')
    if (!DOCUMENTED.has(extensions?.code as string)) faults.push(`undocumented code ${extensions?.code}: ${message}`)
    if (OURS.has(extensions?.code)) faults.push(`${extensions?.code}: ${message}`)
    if (typeof extensions?.requestId !== 'string') faults.push('an error without a request id')
    else if (requestId !== undefined && extensions.requestId !== requestId) faults.push('another request id')
    const inside = INSIDE.exec(withoutQuotes(String(message)))
    if (inside) faults.push(`speaks of the inside (${inside[0]}): ${message}`)
    const extra = JSON.stringify(extensions)
    if (/stacktrace|exception|serviceName|originalError/.test(extra)) faults.push(`extensions of the inside: ${extra}`)
    return faults
  })
}

/** What stands in quotes is the client's own. */
function withoutQuotes(message: string): string {
  return message.replace(/".*"/gs, '""')
}

function faultsOfEvents(body: string): string[] {
  return [...body.matchAll(/^data: (.+)$/gm)].flatMap(([, data = '']) => {
    const result = parsed(data)
    return isObject(result) ? faultsOfErrors(result.errors) : [`an event that is no JSON: ${data}`]
  })
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
