import type { ControlPlane } from '../controlPlane.ts'
import type { Workload } from './load.ts'
import { poll } from './poll.ts'
import type { Through } from './protocol.ts'
import { type Refusal, submitPod } from './submit.ts'
import { type ReplayClients, tenantOfRow } from './tenants.ts'
import type { ReplayWorld } from './world.ts'

export interface DriveOptions {
  control: ControlPlane
  world: ReplayWorld
  clients: ReplayClients
  workload: Workload
  /** The trace's second 0 in domain time. */
  startMs: number
  /** Told at the beginning and once in a while: pods submitted so far, at which second of the trace. */
  onProgress(submitted: number, seconds: number): void
}

const PROGRESS_EVERY = 500
const KNOWN = { everyMs: 50, withinMs: 60_000 }
const ENDED = { everyMs: 1_000, withinMs: Number.POSITIVE_INFINITY }

/** Submits every pod at its time and lets all run to their end. @returns those that were refused */
export async function drive(options: DriveOptions): Promise<Refusal[]> {
  const through = await begin(options)
  const refused = await submitAll(options, through)
  await runOut(options, through)
  return refused
}

/** Waits until the nodes and the tenants' namespaces are known wherever submissions and plans are decided. */
async function begin({ control, world, clients, workload }: DriveOptions): Promise<Through> {
  const { tenants, inventory } = control.subgraphs
  const through: Through = {
    tenants: await tenants.link.head(world.clusterId),
    inventory: await inventory.link.head(world.clusterId),
  }
  await world.settle(through)
  await poll('That all nodes are known', KNOWN, async () =>
    (await countNodes(clients)) === workload.nodes.length ? true : null,
  )
  const [first] = workload.pods
  if (first) await submitPod(tenantOfRow(clients, first.row), first, true)
  return through
}

async function countNodes({ askOperator }: ReplayClients): Promise<number> {
  const { nodePools } = await askOperator<{ nodePools: { edges: { node: { nodeCount: number } }[] } }>({
    query: '{ nodePools(first: 200) { edges { node { nodeCount } } } }',
  })
  return nodePools.edges.reduce((sum, { node }) => sum + node.nodeCount, 0)
}

/** One after the other, each settled before the next: so the same trace gives the same waits. */
async function submitAll(options: DriveOptions, through: Through): Promise<Refusal[]> {
  const { control, world, clients, workload, startMs, onProgress } = options
  const refused: Refusal[] = []
  for (const [index, pod] of workload.pods.entries()) {
    if (index % PROGRESS_EVERY === 0) onProgress(index, pod.createdSeconds)
    await world.advanceTo(startMs + pod.createdSeconds * 1_000, through)
    const { refusal } = await submitPod(tenantOfRow(clients, pod.row), pod)
    if (refusal !== null) refused.push(refusal)
    through.jobs = await control.subgraphs.jobs.link.head(world.clusterId)
    await world.settle(through)
  }
  return refused
}

/** Until nothing happens any more by itself and no job is left. */
async function runOut({ world, clients }: DriveOptions, through: Through): Promise<void> {
  for (let next = world.nextTimerMs; next !== null; next = world.nextTimerMs) await world.advanceTo(next, through)
  if (!world.isTimeRunning) return
  await poll('The end of all jobs', ENDED, async () => {
    const { jobs } = await clients.askOperator<{ jobs: { edges: object[] } }>({
      query: '{ jobs(phase: [PENDING, ADMITTED, RUNNING], first: 1) { edges { cursor } } }',
    })
    return jobs.edges.length === 0 ? true : null
  })
}
