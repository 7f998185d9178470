import { type MakeCheck, must } from './check.ts'

/** Requests in ten seconds, of all replicas, however much goes wrong. */
const MOST_IN_TEN_SECONDS = 2_000
/** A minute in which nothing happens: renewals of the Lease, looks of who waits, and pods tried anew. */
const MOST_IN_A_QUIET_MINUTE = 120

/** Nobody asks the API server again and again: neither while it does not answer, nor when there is nothing to do. */
export const checkCalls: MakeCheck = (world) => {
  const counts: number[] = []
  return {
    eachSecond() {
      counts.push(world.requests())
      if (counts.length > 61) counts.shift()
      const made = world.requests() - (counts.at(-11) ?? 0)
      must(made <= MOST_IN_TEN_SECONDS, () => `${made} requests in ten seconds`)
    },
    atEnd() {
      const made = world.requests() - (counts[0] ?? 0)
      must(made <= MOST_IN_A_QUIET_MINUTE, () => `${made} requests in a minute in which nothing happened`)
    },
  }
}
