import { ValueType } from '@opentelemetry/api'
import type { MetricData, MetricProducer } from '@opentelemetry/sdk-metrics'
import { readSamplers, recordWith, type Sampled } from './metrics.ts'

/** What has been recorded in this thread, for Prometheus. */
export interface Exposition {
  readonly contentType: string
  /** Everything there is now, in Prometheus' text format 0.0.4. */
  text(): Promise<string>
  stop(): Promise<void>
}

/** Of one metric; past it the SDK counts further ones together, so that a label nobody bounded cannot fill the memory. */
const MAX_SERIES = 2_000

/** Recordings begin to count. The SDK is loaded here and nowhere else: a program that nobody scrapes does not pay for it. */
export async function startExposition(): Promise<Exposition> {
  const [sdk, { PrometheusExporter, PrometheusSerializer }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-prometheus'),
  ])
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [sampling(sdk)] })
  const serializer = new PrometheusSerializer('', false, undefined, true, true)
  const provider = new sdk.MeterProvider({
    readers: [reader],
    views: [{ instrumentName: '*', aggregationCardinalityLimit: MAX_SERIES }],
  })
  recordWith(provider.getMeter('sluice'))
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async text() {
      const { resourceMetrics } = await reader.collect()
      return serializer.serialize(resourceMetrics)
    },
    async stop() {
      recordWith(null)
      await provider.shutdown()
    },
  }
}

type Sdk = typeof import('@opentelemetry/sdk-metrics')

/**
 * Values that are read when somebody asks come straight from where they are known. The SDK's observable
 * gauges would go on showing the last value of a queue that is gone.
 */
function sampling({ DataPointType, AggregationTemporality }: Sdk): MetricProducer {
  const dataOf = ({ name, metric, values }: Sampled, endTime: [number, number]): MetricData => {
    const common = {
      descriptor: { name, description: metric.meaning, unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: values.map(({ value, labels }) => ({ value, attributes: labels, startTime: endTime, endTime })),
    }
    return metric.kind === 'counter'
      ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...common, dataPointType: DataPointType.GAUGE }
  }
  return {
    async collect() {
      const now: [number, number] = [Math.floor(Date.now() / 1_000), 0]
      const metrics = (await readSamplers()).filter(({ values }) => values.length > 0).map((each) => dataOf(each, now))
      // The resource is the provider's; the interface wants one here, too.
      const resource = { attributes: {}, merge: () => resource, getRawAttributes: () => [] }
      return { errors: [], resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'sluice' }, metrics }] } }
    },
  }
}
