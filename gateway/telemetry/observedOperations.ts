import { type ExecutionResult, getOperationAST } from 'graphql'
import { outcomeOf } from '../../platform/graph/outcome.ts'
import { record, secondsSince } from '../../platform/telemetry/metrics.ts'
import { inSpan, type SpanOptions } from '../../platform/telemetry/spans.ts'
import type { ClientRequest, ExecutionContext } from '../graph/inProcess.ts'

type Result = ExecutionResult | AsyncIterable<ExecutionResult>

/** Measures each operation of a client, and goes on with the client's trace or begins one. */
export function observedOperations(
  execute: (request: ClientRequest) => Result | Promise<Result>,
): (request: ClientRequest) => Promise<Result> {
  return async (request) => {
    const startMs = performance.now()
    const type = getOperationAST(request.document, request.operationName)?.operation ?? 'query'
    const result = await inSpan(type, spanOf(request, type), async (span) => {
      const result = await execute(request)
      if (outcomeOf(result) === 'failed') span.fail()
      return result
    })
    const labels = { type, outcome: outcomeOf(result) } as const
    record('sluice_graphql_operation_duration_seconds', labels, secondsSince(startMs))
    return result
  }
}

/** The client chooses its operations' names. */
const MAX_NAME = 128

function spanOf({ document, operationName, context }: ClientRequest, type: string): SpanOptions {
  const { operation } = context as ExecutionContext
  const { identity } = operation.caller
  const name = getOperationAST(document, operationName)?.name?.value
  return {
    scope: 'gateway',
    kind: 'SERVER',
    mayBegin: true,
    parent: operation.traceparent,
    attributes: {
      'graphql.operation.type': type,
      ...(name !== undefined && { 'graphql.operation.name': name.slice(0, MAX_NAME) }),
      ...('tenantId' in identity && { 'sluice.tenant.id': identity.tenantId }),
      'sluice.request.id': operation.requestId,
    },
  }
}
