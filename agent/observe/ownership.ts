import { labels } from '../../kubernetes/names.ts'
import type { Namespace } from '../../kubernetes/objects.ts'

/** Whose a namespace is: labels that the agent alone writes. null: not a tenant's, nothing in it is observed. */
export function ownerOf(namespace: Namespace | undefined): { tenantId: string; projectId: string } | null {
  const tenantId = namespace?.metadata.labels?.[labels.tenant]
  const projectId = namespace?.metadata.labels?.[labels.project]
  return tenantId && projectId ? { tenantId, projectId } : null
}
