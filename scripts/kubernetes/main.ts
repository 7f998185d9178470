import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { connectKubernetes } from '../../kubernetes/client/connectKubernetes.ts'
import { startKubelet } from '../../kubernetes/simulated/kubelet/kubelet.ts'
import { realClock } from '../../platform/clocks.ts'
import { kubernetesBinaries } from './build.ts'
import type { ControlPlane } from './controlPlane.ts'
import { startPlatform } from './startPlatform.ts'
import { KUBERNETES_VERSION } from './wrapperModules.ts'

const USAGE = `npm run kubernetes [-- --nodes N | --build-only]
Starts a real Kubernetes control plane until Ctrl-C.
  --nodes N      simulated nodes of 8 GPUs each, whose pods run without running anything (default 0)
  --build-only   ends once its binaries are built`
const MAX_NODES = 1_000

/** `npm run kubernetes`: a real control plane for a person. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) {
    console.error(USAGE)
    return 2
  }
  const { nodeCount, buildOnly } = options
  const binaries = await kubernetesBinaries()
  if ('missing' in binaries) {
    console.error(`Go is needed to build Kubernetes. Install it: ${binaries.install}`)
    return 1
  }
  if (buildOnly) {
    console.log(`Kubernetes ${KUBERNETES_VERSION} is built: ${dirname(binaries.kubectl)}`)
    return 0
  }
  // Only from here is there something to stop: until then a signal just ends Node.
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve('interrupted'))
  })
  console.log(`Starting Kubernetes ${KUBERNETES_VERSION} …`)
  const controlPlane = await startPlatform(binaries)
  try {
    if (nodeCount > 0) await startNodes(controlPlane.kubeconfig, nodeCount)
    console.log(welcome(controlPlane, nodeCount))
    const why = await Promise.race([interrupted, controlPlane.ended])
    // Ctrl-C reaches its processes too, so that they may end first.
    if (why === 'interrupted' || (await isInterrupted(interrupted))) return 0
    console.error(why)
    return 1
  } finally {
    await controlPlane.stop()
    console.log('Stopped; its data is gone.')
  }
}

/** @returns undefined where they cannot be understood */
function readOptions(args: string[]): { nodeCount: number; buildOnly: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: { nodes: { type: 'string', default: '0' }, 'build-only': { type: 'boolean', default: false } },
    })
    const nodeCount = Number(values.nodes)
    const isCount = Number.isInteger(nodeCount) && nodeCount >= 0 && nodeCount <= MAX_NODES
    return isCount ? { nodeCount, buildOnly: values['build-only'] } : undefined
  } catch {
    return undefined
  }
}

/** They live as long as this process. */
async function startNodes(kubeconfig: string, count: number): Promise<void> {
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `gpu-${index}`,
    pool: 'h100',
    gpuModel: 'H100',
    gpuCount: 8,
    gpuMemoryMiB: 81_559,
    cpuMilli: 96_000,
    memoryMiB: 1_048_576,
  }))
  const cluster = await connectKubernetes({ kubeconfig })
  await startKubelet({ cluster, clock: realClock(), seed: 'sluice', nodes, heartbeatSeconds: 10 }).ready
}

function isInterrupted(interrupted: Promise<unknown>): Promise<boolean> {
  const soon = new Promise<boolean>((resolve) => setTimeout(resolve, 100, false))
  return Promise.race([interrupted.then(() => true), soon])
}

function welcome({ kubeconfig, kubectl }: ControlPlane, nodeCount: number): string {
  const nodes = `${nodeCount} simulated ${nodeCount === 1 ? 'node' : 'nodes'} of 8 GPUs`
  return `
Kubernetes ${KUBERNETES_VERSION} is ready, with Sluice's custom resources and admission policies,
and ${nodeCount === 0 ? 'no nodes (-- --nodes N simulates some)' : nodes}.
Ctrl-C stops it; what was made in it goes with it.

In another terminal:
  export KUBECONFIG=${kubeconfig}
  export PATH="${dirname(kubectl)}:$PATH"

See how a tenant's Job comes in suspended, whoever makes it. It stays so while no scheduler runs.
  kubectl create namespace demo
  kubectl label namespace demo sluice.dev/tenant=demo sluice.dev/project=demo
  kubectl create job hello --namespace demo --image busybox
  kubectl get jobs --namespace demo

Run Sluice on it, with a data folder of its own:
  export SLUICE_DATA=$(mktemp -d)
  npm run sluice -- up --kubeconfig $KUBECONFIG
`
}

// Exits, rather than waiting for timers and connections of the simulated nodes.
process.exit(await main())
