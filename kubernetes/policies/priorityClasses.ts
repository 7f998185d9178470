import type { JobDirective } from '../../platform/link/protocol.ts'
import { PRIORITY_OF_CLASS } from '../names.ts'
import type { Kinds } from '../objects.ts'

export const PRIORITY_CLASS_PREFIX = 'sluice-'

/** A class's own PriorityClass, for Jobs that name none. */
export function priorityClassName(jobClass: JobDirective['class']): string {
  return `${PRIORITY_CLASS_PREFIX}${jobClass.toLowerCase()}`
}

/** Kubernetes refuses to change the value of a PriorityClass: another value needs another name. */
export const priorityClasses: Kinds['PriorityClass'][] = (
  Object.keys(PRIORITY_OF_CLASS) as (keyof typeof PRIORITY_OF_CLASS)[]
).map((jobClass) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: priorityClassName(jobClass) },
  value: PRIORITY_OF_CLASS[jobClass],
  description: `Sluice jobs of class ${jobClass} that name no priority class.`,
}))
