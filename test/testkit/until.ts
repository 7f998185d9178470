import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 50
/** Only for what never comes: a leader takes over in a quarter of a minute, and a busy machine takes twice as long. */
const WITHIN_MS = 90_000

/**
 * Looks until what it sees satisfies: for states that no event announces.
 * @param what ends the sentence "It never came true that …"
 * @returns what it saw at last
 */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  satisfies: (seen: T) => boolean,
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (satisfies(seen)) return seen
    if (performance.now() > deadlineMs) {
      throw new Error(`It never came true that ${what}; at last: ${JSON.stringify(seen, null, 2)}`)
    }
    await pause(POLL_MS)
  }
}

/** @throws Error where it takes longer than a minute and a half: for what announces itself, or never comes */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took too long until ${what}`)), WITHIN_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
