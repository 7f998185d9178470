import { AssertionError } from 'node:assert'
import type { Log } from './log.ts'

/** Tells of something that is tried until it works: when it begins to fail, when the reason changes, and when it is over. */
export interface Outage {
  failed(error: unknown): void
  /** It works. */
  over(): void
}

/**
 * @param about what is logged beside each line
 * @param what in words: `facts cannot be followed`
 */
export function outageOf(log: Log, about: Record<string, unknown>, what: string): Outage {
  let told: string | null = null
  return {
    failed(error) {
      const why = reasonOf(error)
      if (why === told) return
      told = why
      log.warn(
        { ...about, ...detailsOf(error), ...(isOurs(error) ? { err: error } : { why }) },
        `${what}; trying again`,
      )
    },
    over() {
      if (told !== null) log.info(about, `no longer: ${what}`)
      told = null
    },
  }
}

/** A mistake in our code needs its stack. That somebody else is away is said in a line. */
function isOurs(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError, AssertionError].some((kind) => error instanceof kind)
}

/**
 * What an error tells beside its words: its code, what to do about it, and which request it was. They are no
 * part of the reason: the next request fails for the same.
 */
function detailsOf(error: unknown): Record<string, string> {
  const details: Record<string, string> = {}
  for (const name of ['code', 'fix', 'requestId']) {
    const value = error instanceof Error ? (error as unknown as Record<string, unknown>)[name] : null
    if (typeof value === 'string') details[name] = value
  }
  return details
}

function reasonOf(error: unknown): string {
  const words: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) if (!words.includes(at.message)) words.push(at.message)
  return words.length > 0 ? words.join(': ') : String(error)
}
