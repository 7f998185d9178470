import { setImmediate as immediate } from 'node:timers/promises'
import type { DomainClock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Cluster } from '../cluster.ts'
import type { Caller, Machine } from './api/machine.ts'
import { createObject } from './api/writes.ts'
import { ApiServer } from './apiServer.ts'
import { ClaimController } from './controllers/claimController.ts'
import { EventCollector } from './controllers/eventCollector.ts'
import { GarbageCollector } from './controllers/garbageCollector.ts'
import { JobController } from './controllers/jobs/jobController.ts'
import { NamespaceController } from './controllers/namespaceController.ts'
import { PodCollector } from './controllers/podCollector.ts'
import { Journal } from './journal/journal.ts'
import { Account, type AccountReport } from './kubelet/account.ts'
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts'
import type { SimulatedNode } from './kubelet/simulatedNode.ts'
import { Commits } from './store/commits.ts'
import { FIRST_VERSION, ObjectStore } from './store/objectStore.ts'
import { Watches } from './store/watches.ts'

export interface SimulatedClusterOptions {
  clock: DomainClock
  nodes: readonly SimulatedNode[]
  /** Same seed and same requests, same uids, names and devices. */
  seed: string
  /** Folder of the journal; without one the cluster ends with the process. */
  journalDir?: string
  /** From a pod's admission to its running. Default 1. */
  startupSeconds?: number
  /** Changes of each kind kept for watches, at least. */
  historyLimit?: number
  /** False: nobody makes pods of Jobs or says that they have ended; that is then the caller's. Default true. */
  runsJobs?: boolean
  log?: Log
}

export interface SimulatedCluster {
  /** For whoever acts for Sluice, as an administrator does. */
  readonly cluster: Cluster
  /** The same cluster for another caller, to whom policies refuse more. */
  as(caller: Caller): Cluster
  readonly kubelet: Kubelet
  account(): AccountReport
  /** At this instant of domain time nothing is under way, and every watcher has taken all events and come back. */
  idle(): boolean
  /** Resolves when the cluster is idle; what other programs have under way is theirs to wait for. */
  whenIdle(): Promise<void>
  stop(): Promise<void>
}

const DEFAULT_HISTORY_LIMIT = 8_192
const FIRST_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** A whole Kubernetes cluster in this process: API server, controllers, kubelets; nothing of it is a container. */
export async function startSimulatedCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const { clock, seed } = options
  const { store, commits, account, journal } = openStorage(options)
  const machine: Machine = { store, nowMs: () => clock.nowMs(), seed, caller: 'kubernetes' }
  const controllers: { resume(): void; stop?(): void }[] = [
    ...(options.runsJobs === false ? [] : [new JobController(machine, clock, commits)]),
    new ClaimController(machine, commits),
    new GarbageCollector(machine, commits),
    new NamespaceController(machine, commits),
    new PodCollector(machine, clock, commits),
    new EventCollector(machine, clock, commits),
  ]
  let activity = Promise.withResolvers<void>()
  const signal = () => {
    activity.resolve()
    activity = Promise.withResolvers()
  }
  const watches = new Watches(store, signal)
  commits.onReveal(() => {
    watches.wake()
    signal()
  })
  for (const controller of controllers) controller.resume()
  for (const name of FIRST_NAMESPACES) {
    if (store.get('Namespace', { name }) === undefined) createObject(machine, 'Namespace', { metadata: { name } })
  }
  const connect = (caller: Caller) =>
    new ApiServer({ ...machine, caller }, commits, watches, (ref) => kubelet.logs(ref))
  const cluster = connect('sluice')
  const kubelet = startKubelet({
    cluster,
    clock,
    seed,
    account,
    nodes: options.nodes,
    ...(options.startupSeconds !== undefined && { startupSeconds: options.startupSeconds }),
    onSettled: signal,
    ...(options.log !== undefined && { log: options.log }),
  })
  await kubelet.ready

  const idle = () => !commits.isPending && kubelet.idle() && watches.areParked

  return {
    cluster,
    as: connect,
    kubelet,
    account: () => account.report(),
    idle,
    async whenIdle() {
      for (;;) {
        const { promise } = activity
        // What can go on without waiting for anything goes on first.
        await immediate()
        if (idle()) return
        await promise
      }
    },
    async stop() {
      await kubelet.stop()
      for (const controller of controllers) controller.stop?.()
      await commits.committed()
      watches.stop()
      await journal?.close()
    },
  }
}

/** The store with what the journal tells, or an empty one; from here on the journal follows. */
function openStorage({ journalDir, historyLimit = DEFAULT_HISTORY_LIMIT, log }: SimulatedClusterOptions) {
  const opened = journalDir === undefined ? undefined : Journal.open(journalDir, log === undefined ? {} : { log })
  const store = new ObjectStore({ version: opened?.restored.version ?? FIRST_VERSION, historyLimit })
  for (const { kind, object, applied } of opened?.restored.objects() ?? []) store.restore(kind, object, applied)
  const journal = opened?.journal
  const commits = new Commits(store, journal)
  const account = new Account(opened?.restored.accountState, (entry) => {
    journal?.keep(entry)
    commits.request()
  })
  journal?.follow(store, () => account.state())
  return { store, commits, account, journal }
}
