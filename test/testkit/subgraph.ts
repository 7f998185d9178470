import { type ExecutionResult, parse } from 'graphql'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { Subgraph, SubgraphDeps } from '../../platform/graph/subgraph.ts'
import { type Claims, createTokens } from '../../platform/identity/identity.ts'
import { createIds } from '../../platform/ids.ts'
import type { TestDatabase } from './database.ts'

/** Domain time of a test: stands still until it is set. */
export interface TestClock {
  nowMs(): number
  set(iso: string): void
}

/** What a subgraph is given, with a clock that the test sets. */
export function testDeps({ database, wakeups }: TestDatabase): SubgraphDeps & { clock: TestClock } {
  let nowMs = Date.parse('2026-01-01T00:00:00Z')
  const wall = { nowMs: () => Date.now() }
  return {
    database,
    wakeups,
    wall,
    clock: {
      nowMs: () => nowMs,
      set: (iso) => {
        nowMs = Date.parse(iso)
      },
    },
    ids: createIds(),
    log: pino({ level: 'error' }),
    subgraphTokens: createTokens({ secret: new Uint8Array(32), audience: 'subgraph', wall }),
    exportsDir: '',
    publicUrl: () => 'http://localhost',
  }
}

export const operator: Claims = { kind: 'operator', subject: 'olga' }

export function member(
  tenantId: string,
  role: 'tenant-admin' | 'developer' | 'viewer' = 'tenant-admin',
  tenantSlug = 'acme',
): Claims {
  return { kind: 'member', subject: `${role}@${tenantSlug}`, tenantId, tenantSlug, role }
}

export interface TestGraph {
  /** Data and the codes of errors, as the caller sees them. */
  ask<Data = Record<string, never>>(
    as: Claims,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Answer<Data>>
  subscribe(
    as: Claims,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<AsyncGenerator<ExecutionResult, void, void>>
}
export interface Answer<Data> {
  data: Data
  codes: unknown[]
}

/** Asks a subgraph as the gateway would. It is stopped when the test ends. */
export function testGraph(subgraph: Subgraph, deps: SubgraphDeps): TestGraph {
  onTestFinished(() => subgraph.stop())
  const execute = async (as: Claims, query: string, variables?: Record<string, unknown>) =>
    subgraph.execute({
      document: parse(query),
      variables,
      identityToken: await deps.subgraphTokens.issue(as, 60),
      requestId: 'request-1',
    })
  return {
    async ask<Data>(as: Claims, query: string, variables?: Record<string, unknown>) {
      const result = await execute(as, query, variables)
      if (Symbol.asyncIterator in result) throw new Error('a subscription was asked as a query')
      // As JSON, for what goes over a wire is what counts.
      const { data, errors = [] } = JSON.parse(JSON.stringify(result)) as {
        data: Data
        errors?: { extensions?: { code?: unknown } }[]
      }
      return { data, codes: errors.map(({ extensions }) => extensions?.code) }
    },
    async subscribe(as, query, variables) {
      const result = await execute(as, query, variables)
      if (Symbol.asyncIterator in result) return result
      throw new Error(`no subscription: ${JSON.stringify(result.errors)}`)
    },
  }
}
