/** An object as it is applied; what the API server fills in is left out. The real API server checks it, by a dry run. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

export const IMAGE = 'sluice:0.1.0'
export const APP_LABEL = 'app.kubernetes.io/name'
export const ROLE_LABEL = 'app.kubernetes.io/component'

/** What each object of a role is found by. */
export function labelsOf(role: string): Record<string, string> {
  return { [APP_LABEL]: 'sluice', [ROLE_LABEL]: role }
}

export function namespace(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      // Nothing of ours needs more than an ordinary process may.
      labels: { [APP_LABEL]: 'sluice', 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  }
}
