import { isDeepStrictEqual } from 'node:util'
import type { Caches } from '../../../agent/caches.ts'
import type { Informer } from '../../../kubernetes/informer.ts'
import type { Kind } from '../../../kubernetes/objects.ts'
import type { Ledger } from '../../../scheduler/live/ledger.ts'
import type { Snapshot } from '../../../scheduler/model/snapshot.ts'
import { rebuilt, type Truth } from '../truth.ts'
import { type MakeCheck, must } from './check.ts'

const EVERY_SECONDS = 5
/** A ledger made from nothing costs more than one that is kept. */
const ANEW_EVERY_SECONDS = 60
/** A job whose write was refused for good is not offered for half a minute. */
const HELD_BACK_SECONDS = 45

/**
 * Whenever the leader knows all there is and awaits no answer, its ledger is that which a new scheduler would make
 * of the cluster: what is held on each node, what is charged to each queue, who waits. So nobody waits and is charged.
 */
export const checkLedgers: MakeCheck = (world) => {
  const { truth, time } = world
  let second = 0
  let othersWaitFor = 0
  const compare = (isLast: boolean) => {
    const term = world.leader()?.term
    if (term === null || term === undefined || !term.scheduler.idle() || !knowsAll(term.begin.caches, truth)) {
      must(!isLast, () => 'at the end the leader does not know all there is, or still awaits an answer')
      return
    }
    truth.ledger.refresh(time.domain.nowMs())
    const isFromNothing = isLast || second % ANEW_EVERY_SECONDS === 0
    const fresh: Ledger = isFromNothing ? rebuilt(truth, time.domain) : truth.ledger
    const [live, anew] = [figuresOf(term.scheduler.snapshot), figuresOf(fresh.snapshot)]
    for (const what of ['nodes', 'queues', 'running'] as const) {
      must(
        isDeepStrictEqual(live[what], anew[what]),
        () => `the ledger's ${what} are ${difference(live[what], anew[what])} (live, anew)`,
      )
    }
    othersWaitFor = isDeepStrictEqual(live.pending, anew.pending) ? 0 : othersWaitFor + EVERY_SECONDS
    must(othersWaitFor <= HELD_BACK_SECONDS, () => `waiting are ${difference(live.pending, anew.pending)} (live, anew)`)
  }
  return {
    eachSecond() {
      second += 1
      if (second % EVERY_SECONDS === 0) compare(false)
    },
    atEnd: () => compare(true),
  }
}

function figuresOf({ nodes, queues, pending, running }: Snapshot): Record<string, Map<string, unknown>> {
  return {
    // Whether a node is avoided for a while is the leader's own business.
    nodes: new Map(
      [...nodes].map(([name, { spec, ...state }]) => [name, { ...state, spec: { ...spec, accepting: null } }]),
    ),
    queues: new Map([...queues].map(([name, { spec, usage }]) => [name, { spec, usage }])),
    running: new Map([...running].map(([uid, { queue, amounts }]) => [uid, { queue, amounts }])),
    pending: new Map([...pending.values()].flatMap(({ queue, jobs }) => jobs.map(({ uid }) => [uid, queue]))),
  }
}

function difference(live: Map<string, unknown> = new Map(), anew: Map<string, unknown> = new Map()): string {
  const keys = [...new Set([...live.keys(), ...anew.keys()])]
  const differing = keys.filter((key) => !isDeepStrictEqual(live.get(key), anew.get(key)))
  return JSON.stringify(
    differing.map((key) => [key, live.get(key), anew.get(key)]),
    (_, value) => (value instanceof Map ? [...value] : value),
  )
}

function knowsAll(caches: Caches, truth: Truth): boolean {
  return (
    isCurrent(caches.jobs, truth.jobs) &&
    isCurrent(caches.pods, truth.pods) &&
    isCurrent(caches.nodes, truth.nodes) &&
    isCurrent(caches.queues, truth.queues)
  )
}

function isCurrent<K extends Kind>(cache: Informer<K>, true_: Informer<K>): boolean {
  if (cache.size !== true_.size) return false
  for (const { metadata } of true_.items()) {
    const known = cache.get({ ...(metadata.namespace && { namespace: metadata.namespace }), name: metadata.name ?? '' })
    if (known?.metadata.resourceVersion !== metadata.resourceVersion) return false
  }
  return true
}
