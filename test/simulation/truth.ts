import { pino } from 'pino'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { type Informer, startInformer } from '../../kubernetes/informer.ts'
import type { Kind, Kinds } from '../../kubernetes/objects.ts'
import type { DomainClock } from '../../platform/clock.ts'
import { Ledger } from '../../scheduler/live/ledger.ts'

/** The cluster as it is at this very moment, which no process of it ever sees. */
export interface Truth {
  readonly jobs: Informer<'Job'>
  readonly pods: Informer<'Pod'>
  readonly nodes: Informer<'Node'>
  readonly queues: Informer<'Queue'>
  readonly namespaces: Informer<'Namespace'>
  /** What is held and charged by what stands in the cluster, and by nothing that anybody only means to do. */
  readonly ledger: Ledger
}

const log = pino({ level: 'silent' })

export async function watchTruth(server: Cluster, clock: DomainClock): Promise<Truth> {
  const inform = <K extends Kind>(kind: K): Informer<K> => startInformer(server, kind, { log })
  const informers = {
    namespaces: inform('Namespace'),
    queues: inform('Queue'),
    nodes: inform('Node'),
    jobs: inform('Job'),
    pods: inform('Pod'),
  }
  await Promise.all(Object.values(informers).map(({ synced }) => synced))
  const ledger = new Ledger()
  follow(informers, ledger, clock)
  return { ...informers, ledger }
}

type Informers = Pick<Truth, 'jobs' | 'pods' | 'nodes' | 'queues' | 'namespaces'>

/** A ledger from nothing but what the API server has, as a scheduler that starts makes it. */
export function rebuilt(informers: Informers, clock: DomainClock): Ledger {
  const ledger = new Ledger()
  for (const stop of follow(informers, ledger, clock)) stop()
  ledger.refresh(clock.nowMs())
  return ledger
}

function follow(informers: Informers, ledger: Ledger, clock: DomainClock): (() => void)[] {
  const each = <K extends Kind>(informer: Informer<K>, see: (object: Kinds[K], isGone: boolean) => void) =>
    informer.onChange(({ type, object }) => see(object, type === 'DELETED'))
  return [
    each(informers.namespaces, (object, isGone) => ledger.observeNamespace(object, isGone)),
    each(informers.queues, (object, isGone) => ledger.observeQueue(object, isGone)),
    each(informers.nodes, (object, isGone) => ledger.observeNode(object, isGone)),
    each(informers.jobs, (object, isGone) => (isGone ? ledger.removeJob(object) : ledger.observeJob(object))),
    each(informers.pods, (object, isGone) => ledger[isGone ? 'removePod' : 'observePod'](object, clock.nowMs())),
  ]
}
