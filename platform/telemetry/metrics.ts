import { setTimeout as pause } from 'node:timers/promises'
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api'
import { catalogue, type LabelsOf, type MetricName, type MetricsOf } from './catalogue.ts'
import type { Metric } from './metric.ts'

/**
 * Where the program's rooms record what happens. Like a log line, a recording goes to whoever listens in
 * this process (in a worker, in this thread): until startExposition has run it goes nowhere and costs a
 * comparison, so that nothing has to be handed through for it.
 */

/** Adds to a counter. By 0 it makes the series known before anything has happened. */
export function count<N extends MetricsOf<'counter'>>(name: N, labels: LabelsOf<N>, by = 1): void {
  if (meter !== null) counters.take(name, meter).add(by, labels as Attributes)
}

/** Adds a value to a histogram, in the unit of its name. */
export function record<N extends MetricsOf<'histogram'>>(name: N, labels: LabelsOf<N>, value: number): void {
  if (meter !== null) histograms.take(name, meter).record(value, labels as Attributes)
}

export type Sample<N extends MetricName> = (value: number, labels: LabelsOf<N>) => void

/**
 * Has `read` tell the present values whenever somebody asks for metrics: what nobody reads costs nothing.
 * What it does not tell is not there any more.
 * @returns takes it back
 */
export function sampled<N extends MetricsOf<'gauge'> | 'process_cpu_seconds_total'>(
  name: N,
  read: (sample: Sample<N>) => void | Promise<void>,
): () => void {
  const readers = samplers.get(name) ?? new Set()
  samplers.set(name, readers.add(read as Sampler))
  return () => readers.delete(read as Sampler)
}

/** Seconds since `startMs` of performance.now(). */
export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1_000
}

/** Has everything recorded from now on go to this meter; null: nowhere. */
export function recordWith(next: Meter | null): void {
  meter = next
  counters.clear()
  histograms.clear()
}

export interface Sampled {
  name: MetricName
  metric: Metric
  values: { value: number; labels: Attributes }[]
}

/** How long a sampler may take, and with it whoever asks for metrics. */
const SAMPLED_WITHIN_MS = 2_000

/** What the samplers tell now, each series once; one that fails or is late has no series this time. */
export async function readSamplers(): Promise<Sampled[]> {
  const late = pause(SAMPLED_WITHIN_MS, undefined, { ref: false })
  const reading = [...samplers].map(async ([name, readers]) => {
    const series = new Map<string, { value: number; labels: Attributes }>()
    const sample = (value: number, labels: Attributes) => series.set(JSON.stringify(labels), { value, labels })
    await Promise.race([late, Promise.allSettled([...readers].map(async (read) => read(sample)))])
    return { name, metric: catalogue[name], values: [...series.values()] }
  })
  return Promise.all(reading)
}

type Sampler = (sample: (value: number, labels: Attributes) => void) => void | Promise<void>

let meter: Meter | null = null
const samplers = new Map<MetricName, Set<Sampler>>()
const counters = instruments<Counter>((name, { meaning }, from) => from.createCounter(name, { description: meaning }))
const histograms = instruments<Histogram>((name, { meaning, buckets = [] }, from) =>
  from.createHistogram(name, { description: meaning, advice: { explicitBucketBoundaries: [...buckets] } }),
)

/** Made at first use, so that a role shows only what it records. */
function instruments<I>(make: (name: MetricName, metric: Metric, from: Meter) => I) {
  const made = new Map<MetricName, I>()
  return {
    clear: () => made.clear(),
    take(name: MetricName, from: Meter): I {
      const known = made.get(name)
      if (known !== undefined) return known
      const instrument = make(name, catalogue[name], from)
      made.set(name, instrument)
      return instrument
    },
  }
}
