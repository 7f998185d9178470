import { GROUP } from '../names.ts'

/**
 * A tenant's own labels, without those that are not theirs to set: Sluice's, on which ownership claims
 * and queues rest, and Kubernetes' own, because the API server refuses a Job whose template carries a
 * wrong job name or controller uid, and the directive could then never be applied.
 */
export function tenantLabels(wanted: readonly { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(wanted.filter(({ name }) => !isReserved(name)).map(({ name, value }) => [name, value]))
}

const RESERVED_DOMAINS = [GROUP, 'kubernetes.io', 'k8s.io']
/** Written on pods by the Job controller, under names older than the rule of domains. */
const RESERVED_NAMES = new Set(['job-name', 'controller-uid'])

function isReserved(name: string): boolean {
  const slash = name.indexOf('/')
  if (slash === -1) return RESERVED_NAMES.has(name)
  const domain = name.slice(0, slash)
  return RESERVED_DOMAINS.some((reserved) => domain === reserved || domain.endsWith(`.${reserved}`))
}
