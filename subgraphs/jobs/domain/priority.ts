import type { JobClass } from './job.ts'

/**
 * Priorities of the classes, highest first. The compute plane installs the same numbers as
 * PriorityClasses and orders by them; here they only answer "at which place does it wait". A cluster
 * and its control plane are upgraded apart, so this is a copy on purpose, not an import across planes.
 */
const PRIORITY_OF_CLASS: Record<JobClass, number> = { INFERENCE: 400, INTERACTIVE: 300, TRAINING: 200, BATCH: 100 }

const PREFIX = 'sluice-'

/** What `priorityClass` may name. */
export const PRIORITY_CLASSES: readonly string[] = Object.keys(PRIORITY_OF_CLASS).map(
  (jobClass) => PREFIX + jobClass.toLowerCase(),
)

/** A priority class that nobody here knows (a Job by kubectl may name one) counts as the job's own class. */
export function priorityOf(jobClass: JobClass, priorityClass: string | null): number {
  const named = priorityClass?.startsWith(PREFIX) ? priorityClass.slice(PREFIX.length).toUpperCase() : ''
  return isClass(named) ? PRIORITY_OF_CLASS[named] : PRIORITY_OF_CLASS[jobClass]
}

function isClass(name: string): name is JobClass {
  return Object.hasOwn(PRIORITY_OF_CLASS, name)
}
