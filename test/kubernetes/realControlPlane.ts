import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject, test } from 'vitest'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { ClusterError } from '../../kubernetes/cluster.ts'
import { labels } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import type { ControlPlane } from '../../scripts/kubernetes/controlPlane.ts'
import { startPlatform } from '../../scripts/kubernetes/startPlatform.ts'
import type {} from './controlPlane.setup.ts'

/** The lane's control plane, with the platform installed. All files share it: names must be a test's own. */
export interface RealControlPlane {
  kubeconfig: string
  connect(): Promise<KubernetesCluster>
  kubectl: Kubectl
  /** As somebody who has the role `edit` in that namespace and nothing else. */
  tenant(namespace: string): Promise<KubernetesCluster>
  /** A new namespace in which pods can be made at once; of a tenant, or nobody's. */
  namespace(cluster: KubernetesCluster, owner?: { tenantId: string; projectId: string }): Promise<string>
  /** Another control plane, the test's own: for what acts on a whole cluster, as a scheduler does. Stop it. */
  another(): Promise<ControlPlane>
}

/** @returns stdout; @throws Error with stderr */
export type Kubectl = (args: readonly string[], stdin?: string) => Promise<string>

export function kubectlOf({ kubectl, kubeconfig }: Pick<ControlPlane, 'kubectl' | 'kubeconfig'>): Kubectl {
  return (args, stdin) => run(kubectl, ['--kubeconfig', kubeconfig, ...args], stdin)
}

/** Defines tests against the real control plane, or one skipped test that says what is missing. */
export function onRealControlPlane(define: (controlPlane: RealControlPlane) => void): void {
  const lane = inject('kubernetes')
  if ('skipped' in lane) {
    test.skip(`on a real control plane (${lane.skipped})`, () => {})
    return
  }
  const kubectl = kubectlOf({ kubectl: lane.binaries.kubectl, kubeconfig: lane.kubeconfig })
  define({
    kubeconfig: lane.kubeconfig,
    connect: () => connectKubernetes({ kubeconfig: lane.kubeconfig }),
    kubectl,
    tenant: (namespace) => connectAsTenant(lane.kubeconfig, kubectl, namespace),
    namespace: createNamespace,
    another: () => startPlatform(lane.binaries),
  })
}

async function connectAsTenant(kubeconfig: string, kubectl: Kubectl, namespace: string): Promise<KubernetesCluster> {
  const user = `tenant-${randomUUID()}`
  await kubectl(['create', 'rolebinding', user, '--clusterrole', 'edit', '--user', user, '--namespace', namespace])
  return connectAs(kubeconfig, { as: user })
}

/** A change of the user that a kubeconfig has. */
type UserChange = { as: string } | { token: string }

export async function connectAs(kubeconfig: string, change: UserChange): Promise<KubernetesCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-user-'))
  try {
    const path = join(folder, 'kubeconfig')
    await writeKubeconfigAs(kubeconfig, change, path)
    return await connectKubernetes({ kubeconfig: path })
  } finally {
    await rm(folder, { recursive: true })
  }
}

export async function writeKubeconfigAs(kubeconfig: string, change: UserChange, path: string): Promise<void> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
  Object.assign(config.users[0].user, change)
  await writeFile(path, JSON.stringify(config), { mode: 0o600 })
}

async function createNamespace(
  cluster: KubernetesCluster,
  owner?: { tenantId: string; projectId: string },
): Promise<string> {
  const name = `test-${randomUUID()}`
  const own = owner === undefined ? {} : { [labels.tenant]: owner.tenantId, [labels.project]: owner.projectId }
  await cluster.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: own } })
  await untilPodsAreAllowed(cluster, name)
  return name
}

const ATTEMPTS = 200
const POLL_MS = 50
/** The API server's description of itself has some megabytes. */
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024

/** Pods are refused until the controller-manager has made the namespace's default service account. */
async function untilPodsAreAllowed(cluster: KubernetesCluster, namespace: string): Promise<void> {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'probe' },
    spec: { containers: [{ name: 'probe', image: 'probe' }] },
  }
  for (let attempt = 0; ; attempt++) {
    try {
      await cluster.create('Pod', pod, { dryRun: true })
      return
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof ClusterError) || error.code !== 'FORBIDDEN') throw error
      await sleep(POLL_MS)
    }
  }
}

function run(executable: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      executable,
      args,
      { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(stderr || error.message))
      },
    )
    child.stdin?.end(stdin)
  })
}
