import { IMAGE, labelsOf, type Manifest, ROLE_LABEL } from './manifest.ts'

/** One role of the program, as its pods run it. */
export interface Role {
  name: string
  namespace: string
  /** After `sluice`. */
  args: string[]
  replicas: number
  /** Where it serves; null: it calls, and is never called. */
  port: number | null
  env: EnvVar[]
  /** Mounted at /etc/sluice/<name>. */
  secrets: { name: string; keys: string[] }[]
  memoryMib: number
  volumes?: { volume: object; mountPath: string }[]
  /** Kubernetes gives a pod its account's token only where it needs one. */
  serviceAccount?: string
}
export type EnvVar = { name: string; value: string } | { name: string; valueFrom: object }

export const OPS_PORT = 9464
/** What a role has to let go of its clients, resumably. */
const STOP_SECONDS = 30

export function deployment(role: Role): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: role.name, namespace: role.namespace, labels: labelsOf(role.name) },
    spec: {
      replicas: role.replicas,
      selector: { matchLabels: labelsOf(role.name) },
      // The new one serves before the old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels: labelsOf(role.name) }, spec: podSpec(role, probes) },
    },
  }
}

/** Runs to its end once: applied again after an upgrade under a new image, it has to be deleted first. */
export function job(role: Role): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: role.name, namespace: role.namespace, labels: labelsOf(role.name) },
    spec: {
      backoffLimit: 10,
      ttlSecondsAfterFinished: 600,
      template: {
        metadata: { labels: labelsOf(role.name) },
        spec: { ...podSpec(role, {}), restartPolicy: 'OnFailure' },
      },
    },
  }
}

export function service({ name, namespace, port }: Role & { port: number }): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: labelsOf(name) },
    spec: { selector: labelsOf(name), ports: [{ name: 'http', port, targetPort: 'http' }] },
  }
}

/** Whoever drains nodes leaves one replica of each role. */
export function disruptionBudget({ name, namespace }: Role): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace, labels: labelsOf(name) },
    spec: { minAvailable: 1, selector: { matchLabels: labelsOf(name) } },
  }
}

function podSpec(role: Role, probed: object): object {
  const { name, secrets, volumes = [] } = role
  return {
    ...(role.serviceAccount === undefined
      ? { automountServiceAccountToken: false }
      : { serviceAccountName: role.serviceAccount }),
    terminationGracePeriodSeconds: STOP_SECONDS,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    // Replicas that share a node fall together.
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { [ROLE_LABEL]: name } },
      },
    ],
    containers: [{ ...container(role), ...probed }],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      ...secrets.map((secret) => ({
        name: secret.name,
        secret: { secretName: secret.name, items: secret.keys.map((key) => ({ key, path: key })) },
      })),
      ...volumes.map(({ volume }) => volume),
    ],
  }
}

function container({ args, port, env, secrets, memoryMib, volumes = [] }: Role): object {
  return {
    name: 'sluice',
    image: IMAGE,
    args,
    env: [
      { name: 'SLUICE_OPS_HOST', value: '0.0.0.0' },
      { name: 'SLUICE_OPS_PORT', value: String(OPS_PORT) },
      ...(port === null
        ? []
        : [
            { name: 'SLUICE_HOST', value: '0.0.0.0' },
            { name: 'SLUICE_PORT', value: String(port) },
          ]),
      ...env,
    ],
    ports: [
      ...(port === null ? [] : [{ name: 'http', containerPort: port }]),
      { name: 'ops', containerPort: OPS_PORT },
    ],
    resources: { requests: { cpu: '250m', memory: `${memoryMib}Mi` }, limits: { memory: `${2 * memoryMib}Mi` } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...secrets.map(({ name }) => ({ name, mountPath: `/etc/sluice/${name}`, readOnly: true })),
      ...volumes.map(({ volume, mountPath }) => ({ name: (volume as { name: string }).name, mountPath })),
    ],
  }
}

/** Ready: it has what it needs of the others. Alive: it answers; a role that waits for another is not restarted. */
const probes = {
  startupProbe: { httpGet: { path: '/healthz', port: 'ops' }, periodSeconds: 1, failureThreshold: 60 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'ops' }, periodSeconds: 2, failureThreshold: 2 },
  livenessProbe: {
    httpGet: { path: '/healthz', port: 'ops' },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  },
}
