import { type OpsListener, type OpsOptions, startOpsListener } from './opsListener.ts'
import { startTracing, type TracesTo } from './tracing.ts'

export interface TelemetryOptions extends OpsOptions {
  /** What runs here, such as sluice-gateway: `service.name` of its traces. */
  service: string
  /** null: nothing is traced. */
  traces: TracesTo | null
}

/** Metrics, probes and traces of a role, for as long as it runs. Start it first, and end it last. */
export async function startTelemetry({ service, traces, ...ops }: TelemetryOptions): Promise<OpsListener> {
  const listener = await startOpsListener(ops)
  const tracing = traces === null ? null : await startTracing(service, traces)
  return {
    ...listener,
    async stop() {
      await Promise.all([listener.stop(), tracing?.stop()])
    },
  }
}
