import type { NamespaceDirective } from '../../platform/link/protocol.ts'
import { labels } from '../names.ts'
import type { Namespace } from '../objects.ts'

/** The namespace of a project. Its labels are what proves whose a Job or pod is. */
export function renderNamespace(directive: NamespaceDirective): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: directive.namespace,
      labels: { [labels.tenant]: directive.tenantId, [labels.project]: directive.projectId },
    },
  }
}
