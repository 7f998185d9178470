import type { TypicalPod } from '../model/demand.ts'
import { LiveSnapshot, type Snapshot } from '../model/snapshot.ts'

/** A snapshot to try things on: a copy, of which nothing shows in the one that it was made from. */
export class World extends LiveSnapshot {
  readonly #typical: readonly TypicalPod[]
  readonly prices?: ReadonlyMap<string, string>

  constructor(snapshot: Snapshot) {
    super()
    this.#typical = snapshot.typical ?? []
    if (snapshot.prices !== undefined) this.prices = snapshot.prices
    this.agingMs = snapshot.agingMs
    this.topologyLevels = snapshot.topologyLevels ?? []
    this.shareEnforcements = snapshot.shareEnforcements ?? []
    this.reservedFor = snapshot.reservedFor
    for (const [name, node] of snapshot.nodes) this.nodes.set(name, node)
    for (const [name, queue] of snapshot.queues) this.queues.set(name, queue)
    for (const [uid, job] of snapshot.running) this.running.set(uid, job)
    for (const { jobs } of snapshot.pending.values()) for (const job of jobs) this.setPending(job)
  }

  /** As the cluster has learnt it: what is only tried out teaches nothing. */
  override get typical(): readonly TypicalPod[] {
    return this.#typical
  }
}
