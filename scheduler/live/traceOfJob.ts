import { annotations } from '../../kubernetes/names.ts'
import type { SpanOptions } from '../../platform/telemetry/spans.ts'
import type { JobEntry } from './jobEntry.ts'

/** A decision about the job belongs to the trace of its submission. */
export function traceOfJob(
  { object, read, tenantId, queue }: JobEntry,
  more: Record<string, string> = {},
): SpanOptions {
  return {
    scope: 'scheduler',
    parent: object?.metadata.annotations?.[annotations.traceparent],
    attributes: {
      'k8s.namespace.name': read?.namespace ?? '',
      'k8s.job.name': read?.name ?? '',
      'k8s.job.uid': read?.uid ?? '',
      'sluice.tenant.id': tenantId ?? '',
      'sluice.queue': queue,
      ...more,
    },
  }
}
