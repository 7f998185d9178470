import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 50
const WITHIN_MS = 30_000

/**
 * Looks until what it sees satisfies: for states that no event announces.
 * @param what ends the sentence "It never came true that …"
 * @returns what it saw at last
 */
export async function until<T>(what: string, look: () => Promise<T>, satisfies: (seen: T) => boolean): Promise<T> {
  const deadlineMs = performance.now() + WITHIN_MS
  for (;;) {
    const seen = await look()
    if (satisfies(seen)) return seen
    if (performance.now() > deadlineMs) {
      throw new Error(`It never came true that ${what}; at last: ${JSON.stringify(seen, null, 2)}`)
    }
    await pause(POLL_MS)
  }
}
