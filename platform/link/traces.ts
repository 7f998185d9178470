import { tellSpan } from '../telemetry/spans.ts'
import type { Observation, SubgraphName } from './protocol.ts'

/** Traceparents by job id. */
export type TracesByJob = ReadonlyMap<string, string>

/** The traces of a batch's records, by the job that each claims to be about. */
export function tracesByJob(records: readonly Observation[]): TracesByJob {
  const traces = new Map<string, string>()
  for (const record of records) {
    if (!isTraced(record)) continue
    if (record.jobId !== null && record.traceparent !== undefined) traces.set(record.jobId, record.traceparent)
  }
  return traces
}

/** Tells the traces of all records of a batch that a subgraph has taken it in. */
export function tellProcessed(subgraph: SubgraphName, records: readonly Observation[], startedMs: number): void {
  for (const record of records) {
    if (!isTraced(record)) continue
    tellSpan(`process ${record.kind}`, {
      scope: subgraph,
      kind: 'CONSUMER',
      parent: record.traceparent,
      startedMs,
      attributes: attributesOf(record),
    })
  }
}

/** What spans about an observed object say of it. */
export function attributesOf(record: TracedObservation): Record<string, string> {
  return {
    'k8s.namespace.name': record.namespace,
    [`k8s.${record.kind}.name`]: record.name,
    [`k8s.${record.kind}.uid`]: record.uid,
    'sluice.tenant.id': record.tenantId,
    ...(record.kind === 'job' ? { 'sluice.job.state': record.state } : { 'k8s.pod.status.phase': record.phase }),
  }
}

type TracedObservation = Extract<Observation, { kind: 'job' | 'pod' }>

function isTraced(record: Observation): record is TracedObservation {
  return (record.kind === 'job' || record.kind === 'pod') && record.traceparent !== undefined
}
