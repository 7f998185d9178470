import { GraphQLError, type GraphQLSchema } from 'graphql'
import { refuse } from '../../platform/graph/errors.ts'
import { RateLimited, type Rates } from '../rates/rates.ts'
import { costOf } from './cost.ts'
import type { ClientRequest } from './inProcess.ts'
import { OPERATION_LIMITS, tooLarge } from './limits.ts'
import type { Operation } from './operation.ts'

/**
 * Decides, before anything is planned, whether an operation may begin.
 * @returns whether it asks for the schema
 * @throws GraphQLError OPERATION_TOO_LARGE, FORBIDDEN, RATE_LIMITED
 */
export type Admit = (request: ClientRequest, operation: Operation) => { introspects: boolean }

interface AdmissionOptions {
  schema: GraphQLSchema
  rates: Rates
}

/** What depends on who asks, or on variables, and so cannot be a verdict that is cached with the document. */
export function admission({ schema, rates }: AdmissionOptions): Admit {
  return (request, { caller: { identity, mayIntrospect } }) => {
    const { cost, introspects } = costOf(schema, request)
    if (introspects && !mayIntrospect) throw refuse('FORBIDDEN', 'You may not ask for the schema here.')
    if (cost > OPERATION_LIMITS.cost) throw tooLarge('cost', cost, OPERATION_LIMITS.cost)
    try {
      rates.operation(identity, cost)
    } catch (error) {
      throw error instanceof RateLimited ? asGraphQLError(error) : error
    }
    return { introspects }
  }
}

function asGraphQLError({ code, message, retryAfterSeconds }: RateLimited): GraphQLError {
  const http = { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } }
  return new GraphQLError(message, { extensions: { code, retryAfter: retryAfterSeconds, http } })
}
