import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agent as agentManifests } from '../../deploy/manifests/agent.ts'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { DEFAULT_LIMITS } from '../../kubernetes/client/transport.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { AGENT_ACCOUNT } from '../../kubernetes/rbac/agentObjects.ts'
import { type KubernetesBinaries, kubernetesBinaries } from '../../scripts/kubernetes/build.ts'
import { type OwnProcess, startProcess } from '../../scripts/kubernetes/ownProcess.ts'
import { startPlatform } from '../../scripts/kubernetes/startPlatform.ts'

/** etcd and a real API server with the platform installed, and no controller-manager. */
export interface BenchCluster {
  readonly binaries: KubernetesBinaries
  readonly kubeconfig: string
  /** For files of whoever runs there; goes with it. */
  readonly folder: string
  /** As its administrator, who is exempt from priority and fairness. */
  readonly cluster: KubernetesCluster
  /** Makes the accounts without which no pod may be created; a controller-manager would. */
  addDefaultAccounts(namespaces: Iterable<string>): Promise<void>
  /** The program that is deployed, by its own account; its control plane is away. @param profileTo folder for a CPU profile */
  startAgent(profileTo?: string): Promise<OwnProcess>
  stop(): Promise<void>
}

/** For as many requests at once as benches make; the stock limits are meant for a cluster with other users. */
const IN_FLIGHT = ['--max-requests-inflight=5000', '--max-mutating-requests-inflight=2500']
/** Requests of the load generator that are under way at once. */
const CONNECTIONS = 64
const SLUICE = join(import.meta.dirname, '../../bin/sluice.ts')
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9'

/** @throws Error where Kubernetes cannot be built */
export async function startBenchCluster(): Promise<BenchCluster> {
  const binaries = await kubernetesBinaries()
  if ('missing' in binaries) throw new Error(`Go is needed to build Kubernetes. Install it: ${binaries.install}`)
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const { kubeconfig, stop } = await startPlatform(binaries, { hasControllers: false, apiServerArgs: IN_FLIGHT })
  const cluster = await connectKubernetes({ kubeconfig }, { ...DEFAULT_LIMITS, requestConnections: CONNECTIONS })
  const kubectl = (args: string[], stdin?: string) =>
    run(binaries.kubectl, ['--kubeconfig', kubeconfig, ...args], stdin)
  const apply = (items: readonly object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

  return {
    binaries,
    kubeconfig,
    folder,
    cluster,
    async addDefaultAccounts(namespaces) {
      await apply([...namespaces].map((namespace) => account('default', namespace)))
    },
    async startAgent(profileTo) {
      // What an operator applies for it, but what would run it.
      await apply(agentManifests.filter(({ kind }) => kind !== 'Deployment' && kind !== 'PodDisruptionBudget'))
      const token = await kubectl(['create', 'token', AGENT_ACCOUNT, '--namespace', SYSTEM_NAMESPACE])
      const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
      config.users[0].user = { token: token.trim() }
      const [own, tokenFile] = [join(folder, 'kubeconfig'), join(folder, 'token')]
      await writeFile(own, JSON.stringify(config), { mode: 0o600 })
      await writeFile(tokenFile, 'none', { mode: 0o600 })
      const env = { SLUICE_URL: NOWHERE, SLUICE_TOKEN_FILE: tokenFile, SLUICE_LOG: 'error', SLUICE_OPS_PORT: '0' }
      const profile = profileTo === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`]
      const args = [...profile, SLUICE, 'agent', '--cluster', 'bench', '--kubeconfig', own]
      return startProcess('agent', process.execPath, args, join(folder, 'agent.log'), env)
    },
    async stop() {
      await cluster.close()
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function account(name: string, namespace: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
}

function run(executable: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(executable, args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(stderr || error.message))
    })
    child.stdin?.end(stdin)
  })
}
