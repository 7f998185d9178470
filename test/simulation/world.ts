import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import { labels, METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Pod, Queue } from '../../kubernetes/objects.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../../kubernetes/simulated/startSimulatedCluster.ts'
import { seeded } from '../testkit/seeded.ts'
import type { Character } from './character.ts'
import { Violation } from './checks/check.ts'
import { connect } from './connection.ts'
import { Network } from './network.ts'
import { Process } from './process.ts'
import { type Replica, startReplica } from './replica.ts'
import type { Trace } from './trace.ts'
import { type Truth, watchTruth } from './truth.ts'
import { between, VirtualTime } from './virtualTime.ts'
import { nodesOf, queuesOf, TENANTS } from './workload.ts'

/** Kills or pauses the leader at one of its writes, before it is sent or when it is on its way. */
export interface Ambush {
  readonly what: 'patch Job' | 'bind' | 'patch Lease'
  /** So many of them pass. */
  after: number
  readonly isSent: boolean
  readonly strike: (replica: Replica) => void
}

/** A simulated cluster with replicas of the agent on it, all in one virtual time. */
export interface World {
  readonly seed: number
  readonly character: Character
  readonly time: VirtualTime
  readonly trace: Trace
  readonly network: Network
  readonly simulated: SimulatedCluster
  /** As an administrator reaches it, at once and without fail. */
  readonly admin: Cluster
  readonly truth: Truth
  /** The tree as it was made. */
  readonly queues: readonly Queue[]
  /** Those that live, and those that have ended and are not yet replaced. */
  readonly replicas: readonly Replica[]
  /** Requests of replicas so far. */
  readonly requests: () => number
  leader(): Replica | null
  /** Its process ends, and another takes its place after a while. */
  kill(replica: Replica, forMs: number): void
  ambush: Ambush | null
  note(line: string): void
  /** A write of somebody whose refusal matters to nobody. */
  attempt(what: string, write: () => Promise<unknown>): void
  /** What a check found amid a change. */
  violation: Violation | null
  /** For whoever looks at changes as they come: what it throws comes up when the change is through. */
  looking<T>(look: (change: T) => void): (change: T) => void
  /** When something last happened that nobody could have reckoned with. */
  lastDisturbanceMs: number
  stop(): Promise<void>
}

export async function startWorld(seed: number, character: Character, trace: Trace): Promise<World> {
  const time = new VirtualTime()
  const randomOf = (what: number) => seeded(seed * 64 + what)
  const network = new Network(time, randomOf(1), character.network)
  const simulated = await startSimulatedCluster({
    clock: time.domain,
    nodes: nodesOf(character.nodes),
    seed: String(seed),
  })
  const server = simulated.cluster
  await installPlatform(server)
  for (const tenant of TENANTS) {
    const metadata = { name: tenant, labels: { [labels.tenant]: `tenant_${tenant}` } }
    await server.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata })
  }
  const queues = queuesOf(randomOf(2), character.nodes)
  for (const queue of queues) await server.create('Queue', queue)
  const truth = await watchTruth(server, time.domain)

  const restarts = randomOf(3)
  const dead = new Set<string>()
  const replicas: Replica[] = []
  let lives = 0
  let requests = 0
  const world: World = {
    seed,
    character,
    time,
    trace,
    network,
    simulated,
    admin: server,
    truth,
    queues,
    replicas,
    requests: () => requests,
    leader: () => replicas.find(({ term }) => term !== null) ?? null,
    kill(replica, forMs) {
      if (replica.process.state === 'dead') return
      world.note(`${replica.process.name} is killed`)
      replica.process.kill()
      replaceLater(replica, forMs)
    },
    ambush: null,
    lastDisturbanceMs: 0,
    violation: null,
    looking: (look) => (change) => {
      try {
        look(change)
      } catch (error) {
        if (!(error instanceof Violation)) throw error
        world.violation ??= error
      }
    },
    note: (line) => trace.note(time.nowMs, line),
    attempt(what, write) {
      world.note(what)
      write().catch((error: unknown) => {
        if (!(error instanceof ClusterError)) throw error
        world.note(`${what}: ${error.code}`)
      })
    },
    async stop() {
      for (const replica of replicas) await replica.end()
      const { jobs, pods, nodes, queues, namespaces } = truth
      await Promise.all([jobs, pods, nodes, queues, namespaces].map((informer) => informer.stop()))
      await simulated.stop()
    },
  }
  letGoOfEndedPods(world, randomOf(4))
  for (let number = 0; number < character.replicas; number++) replicas.push(begin(number))
  return world

  function begin(number: number): Replica {
    const life = lives++
    const skews = randomOf(32 + number)
    const process = new Process(`agent-${number}.${life}`, time, between(skews, 0, character.skewMs))
    process.onKill(() => dead.add(process.name))
    const onRequest = (what: string) => {
      requests += 1
      spring(process, what)
    }
    const replica = startReplica({
      process,
      cluster: connect({ server, process, network, time, trace, onRequest }),
      random: seeded(seed * 1_000 + life),
      isDead: (identity) => character.isOneMachine && dead.has(identity),
      onCrash: () => replaceLater(replica, 2_000),
    })
    world.note(`${process.name} starts`)
    return replica
  }

  function replaceLater(replica: Replica, forMs: number): void {
    time.after(forMs + between(restarts, 0, 2_000), () => {
      const at = replicas.indexOf(replica)
      replicas[at] = begin(at)
    })
  }

  function spring(process: Process, what: string): void {
    const { ambush } = world
    const victim = replicas.find((replica) => replica.process === process)
    if (ambush === null || victim === undefined || victim.term === null || !what.startsWith(ambush.what)) return
    ambush.after -= 1
    if (ambush.after > 0) return
    world.ambush = null
    world.lastDisturbanceMs = time.nowMs
    world.note(`${process.name} is struck ${ambush.isSent ? 'after' : 'before'} ${what}`)
    if (ambush.isSent) time.after(0, () => ambush.strike(victim))
    else ambush.strike(victim)
  }
}

/** As metering does once it knows what an ended pod held; and nothing is to be known of one that was never bound. */
function letGoOfEndedPods({ truth, time, admin, attempt }: World, random: () => number): void {
  const seen = new Set<string>()
  truth.pods.onChange(({ type, object: pod }) => {
    const { uid = '', deletionTimestamp } = pod.metadata
    if (type === 'DELETED') return void seen.delete(uid)
    const hasEnded = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    const isUseless = deletionTimestamp !== undefined && !pod.spec?.nodeName
    if (seen.has(uid) || !(hasEnded || isUseless) || !isHeld(pod)) return
    seen.add(uid)
    time.after(between(random, 100, 20_000), () => {
      attempt(`pod ${pod.metadata.name} is metered`, () => withoutFinalizer(admin, pod))
    })
  })
}

function isHeld({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(METERED_FINALIZER) ?? false
}

async function withoutFinalizer(admin: Cluster, { metadata }: Pod): Promise<void> {
  const ref = { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
  const pod = await admin.get('Pod', ref)
  const index = pod.metadata.finalizers?.indexOf(METERED_FINALIZER) ?? -1
  if (pod.metadata.uid !== metadata.uid || index < 0) return
  await admin.patch('Pod', ref, [{ op: 'remove', path: `/metadata/finalizers/${index}` }])
}
