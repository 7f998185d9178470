import { setTimeout as pause } from 'node:timers/promises'
import type { Operation } from '../../../bin/graphClient.ts'
import { type Answer, about, ask, codesOf, dataOf } from '../../testkit/answers.ts'

/** Asks again until it is answered, as a client does that knows that its requests may be repeated. */
export type PatientAsk = <T>(token: string, operation: Operation) => Promise<T>

const PAUSE_MS = 50
/** Much longer than any role is away. */
const PATIENCE_MS = 60_000
/** "Not now": all else that is no answer is a fault. */
const PASSING = new Set(['SERVICE_UNAVAILABLE', 'GOING_AWAY'])

export function patientClient(url: string): PatientAsk {
  return async <T>(token: string, { query, variables }: Operation): Promise<T> => {
    const deadlineMs = performance.now() + PATIENCE_MS
    for (;;) {
      const answer = await tryOnce<T>(url, token, query, variables)
      if (answer !== null && !isPassing(answer)) return dataOf(answer)
      if (performance.now() > deadlineMs) throw new Error(answer === null ? 'No answer came.' : about(answer))
      await pause(PAUSE_MS)
    }
  }
}

/** @returns null where the connection was refused, or broke off before the answer was whole */
async function tryOnce<T>(url: string, token: string, query: string, variables = {}): Promise<Answer<T> | null> {
  try {
    return await ask<T>(url, token, query, variables)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function isPassing(answer: Answer<unknown>): boolean {
  const codes = codesOf(answer)
  return codes.length > 0 && codes.every((code) => PASSING.has(String(code)))
}
