/**
 * For each field that docs/scheduling-support.md refuses: a pod spec that has it, and the path that the reason
 * names below `spec.template.spec`. What the API server itself refuses or drops has none.
 */
export const REFUSED_FIELDS: Record<string, { path: string; podSpec?: object; main?: object }> = {
  podAffinity: {
    path: 'affinity.podAffinity',
    podSpec: { affinity: { podAffinity: required({ topologyKey: 'zone', labelSelector: {} }) } },
  },
  hostNetwork: { path: 'hostNetwork', podSpec: { hostNetwork: true } },
  nodeName: { path: 'nodeName', podSpec: { nodeName: 'gpu-0' } },
  os: { path: 'os', podSpec: { os: { name: 'windows' } } },
  resources: { path: 'resources', podSpec: { resources: { requests: { cpu: '2' } } } },
  schedulingGates: { path: 'schedulingGates', podSpec: { schedulingGates: [{ name: 'example.com/wait' }] } },
  topologySpreadConstraints: {
    path: 'topologySpreadConstraints[0].minDomains',
    podSpec: {
      topologySpreadConstraints: [
        { maxSkew: 1, minDomains: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
    },
  },
  podAntiAffinity: {
    path: 'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespaceSelector',
    podSpec: {
      affinity: {
        podAntiAffinity: required({
          topologyKey: 'zone',
          labelSelector: {},
          namespaceSelector: { matchLabels: { team: 'x' } },
        }),
      },
    },
  },
  'a volume of its own': {
    path: 'volumes[0].ephemeral',
    podSpec: {
      volumes: [
        {
          name: 'data',
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          },
        },
      ],
    },
  },
}

/** Fields that no Job's template can have: Kubernetes takes none, or has them only behind a gate. */
export const UNREACHABLE_FIELDS: readonly string[] = ['ephemeralContainers', 'schedulingGroup']

/** Jobs named `refused-0` and so on, in the order of REFUSED_FIELDS. */
export function jobsWithRefusedFields(namespace: string): object {
  const items = Object.values(REFUSED_FIELDS).map(({ podSpec = {}, main = {} }, i) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `refused-${i}`, namespace },
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', ...main }], ...podSpec },
      },
    },
  }))
  return { apiVersion: 'v1', kind: 'List', items }
}

function required(term: object): object {
  return { requiredDuringSchedulingIgnoredDuringExecution: [term] }
}
