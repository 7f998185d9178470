import { setTimeout as pause } from 'node:timers/promises'

/**
 * Looks until there is something to see: for states that no event announces.
 * @param look null: not yet
 * @param what ends the sentence "… was waited for in vain"
 */
export async function poll<T>(
  what: string,
  { everyMs, withinMs }: { everyMs: number; withinMs: number },
  look: () => Promise<T | null>,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen !== null) return seen
    if (performance.now() > deadlineMs) throw new Error(`${what} was waited for in vain, for ${withinMs / 1_000} s.`)
    await pause(everyMs)
  }
}
