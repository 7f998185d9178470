import type { Job, Kinds, Node, Pod } from '../objects.ts'

type JobSpec = NonNullable<Job['spec']>
type PodSpec = NonNullable<Pod['spec']>

export function configMap(namespace: string, name: string, labels: Record<string, string> = {}): Kinds['ConfigMap'] {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels }, data: { key: 'value' } }
}

export function node(name: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    // Nobody keeps these nodes alive, and nothing shall be put on them.
    spec: { unschedulable: true },
  }
}

export function pod(namespace: string, name: string, env: Record<string, string> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name }, spec: podSpec(env) }
}

/** Two indexed pods, suspended, unless told otherwise. `env` is what the simulated kubelet reads. */
export function job(
  namespace: string,
  name: string,
  spec: Partial<JobSpec> = {},
  env: Record<string, string> = {},
): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace, name },
    spec: {
      suspend: true,
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimit: 0,
      template: { spec: podSpec(env) },
      ...spec,
    },
  }
}

function podSpec(env: Record<string, string>): PodSpec {
  return {
    restartPolicy: 'Never',
    // Bound by the case, not by a scheduler that may be there.
    schedulerName: 'contract',
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'main',
        image: 'example.test/none:1',
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
      },
    ],
  }
}
