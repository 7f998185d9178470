import type { JsonPatch } from '../../kubernetes/cluster.ts'
import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import type { PendingReason } from '../model/pending.ts'
import { invalid } from './podSpec.ts'

/** Pods that an elastic Job runs with at least, and those that it asked for. */
export interface Elastic {
  readonly least: number
  readonly wished: number
}

/** Null: the Job is not elastic; or why it cannot be as it is. */
export function elasticOf(job: Job): Elastic | PendingReason | null {
  const text = job.metadata.annotations?.[annotations.minCount]
  if (text === undefined) return null
  const { completionMode, completions, parallelism } = job.spec ?? {}
  if (completionMode !== 'Indexed' || completions !== parallelism)
    return invalid(
      `It is elastic (${annotations.minCount}), and no Indexed Job with as many completions as pods.`,
      `Set spec.completionMode to Indexed and spec.completions to spec.parallelism, or leave the annotation out.`,
    )
  const least = writtenCount(job, annotations.minCount)
  const wished = wishedCount(job)
  if (least === null || least > wished)
    return invalid(
      `Annotation ${annotations.minCount} is "${text}", and no whole number from 1 to ${wished}, its spec.parallelism.`,
      `Write a number from 1 to ${wished}, or leave the annotation out.`,
    )
  return { least, wished }
}

/** Pods that the Job asked for, also while it runs with fewer. */
export function wishedCount(job: Job): number {
  return Math.max(job.spec?.parallelism ?? 1, writtenCount(job, annotations.count) ?? 0)
}

/** Has an elastic Job run with so many pods; what it asked for is kept beside as long as they are fewer. */
export function resizing(job: Job, count: number): { spec: JsonPatch[number][]; told: Record<string, string | null> } {
  const wished = wishedCount(job)
  const isSame = job.spec?.parallelism === count && job.spec.completions === count
  return {
    // Kubernetes lets both change together, and neither alone.
    spec: isSame
      ? []
      : [
          { op: 'replace', path: '/spec/parallelism', value: count },
          { op: 'replace', path: '/spec/completions', value: count },
        ],
    told: { [annotations.count]: count < wished ? String(wished) : null },
  }
}

export function isElastic({ metadata }: Job): boolean {
  return metadata.annotations?.[annotations.minCount] !== undefined
}

/** Null where the annotation is not there, or is no count of pods. */
export function writtenCount({ metadata }: Job, annotation: string): number | null {
  const text = metadata.annotations?.[annotation] ?? ''
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null
}
