import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import type { JobObservation, PodObservation } from '../../platform/link/protocol.ts'
import { attributesOf } from '../../platform/link/traces.ts'
import { tellSpan } from '../../platform/telemetry/spans.ts'
import { parseTraceparent } from '../../platform/telemetry/traceparent.ts'

/** The trace that the Job's submission belongs to; nothing where it has none, or bears what is none. */
export function traceOf(job: Job | undefined): { traceparent?: string } {
  const traceparent = job?.metadata.annotations?.[annotations.traceparent]
  return traceparent !== undefined && parseTraceparent(traceparent) !== null ? { traceparent } : {}
}

type Traceable = ({ kind: 'job' } & JobObservation) | ({ kind: 'pod' } & PodObservation)

/** Tells the trace that this was observed, and has the record go on from there. */
export function observedInTrace<R extends { kind: string; traceparent?: string }>(record: R): R {
  if (record.traceparent === undefined) return record
  const traceparent = tellSpan(`observe ${record.kind}`, {
    scope: 'agent',
    kind: 'PRODUCER',
    parent: record.traceparent,
    attributes: attributesOf({ ...(record as unknown as Traceable), seq: 0 }),
  })
  return traceparent === undefined ? record : { ...record, traceparent }
}
