import type { Queue, QueueStatus } from '../../kubernetes/objects.ts'
import { type Amounts, ANY_FLAVOR, type QueueSpec, type QueueState, type Quota } from '../model/queue.ts'
import { QueueTree } from '../plan/queueTree.ts'
import { PastBook } from './pastBook.ts'
import { readQueue } from './readQueue.ts'

/** What one job counts in its queue. */
export interface QueueShare {
  readonly queue: string
  /** What its pods and slots hold, by flavor. */
  readonly usage: ReadonlyMap<string, Amounts>
  readonly isPending: boolean
  readonly isAdmitted: boolean
  /** What it asks while it waits. */
  readonly pendingGpuThousandths: number
}

interface Totals {
  pending: number
  admitted: number
  pendingGpuThousandths: number
  readonly usage: Map<string, Amounts>
}

/** The queues, and what the jobs in each of them add up to. */
export class QueueBook {
  readonly #specs = new Map<string, { spec: QueueSpec; generation: number }>()
  /** Also of queues that are not there: jobs outlive the queue they name. */
  readonly #totals = new Map<string, Totals>()
  readonly #shares = new Map<string, QueueShare>()
  readonly #dirty = new Set<string>()
  readonly #changedStatus = new Set<string>()
  readonly #past = new PastBook()
  /** Of the specs as they are; null once one has changed. */
  #tree: QueueTree | null = null

  setQueue(queue: Queue): void {
    const spec = readQueue(queue)
    this.#past.resume(queue)
    const before = this.#specs.get(spec.name)
    this.#specs.set(spec.name, {
      spec: before !== undefined && JSON.stringify(before.spec) === JSON.stringify(spec) ? before.spec : spec,
      generation: queue.metadata.generation ?? 0,
    })
    if (this.#specs.get(spec.name)?.spec === before?.spec) this.#changedStatus.add(spec.name)
    else this.#changeTree(spec.name)
  }

  removeQueue(name: string): void {
    this.#specs.delete(name)
    this.#past.forget(name)
    this.#changeTree(name)
  }

  /** Whether a queue can be used depends on those above it, and what it borrows on those below. */
  #changeTree(name: string): void {
    this.#dirty.add(name)
    this.#tree = null
    for (const each of this.#specs.keys()) this.#changedStatus.add(each)
  }

  /** Replaces what the job counted before; null: it counts nothing any more. */
  setShare(jobUid: string, share: QueueShare | null): void {
    const before = this.#shares.get(jobUid)
    if (before !== undefined) this.#add(before, -1)
    if (share === null) this.#shares.delete(jobUid)
    else {
      this.#shares.set(jobUid, share)
      this.#add(share, 1)
    }
  }

  /** Brings the states of changed queues up to date. @returns whether any did change */
  refresh(states: Map<string, QueueState>, nowMs: number): boolean {
    const changed = this.#dirty.size > 0
    if (this.#past.isDue(nowMs)) for (const name of this.#specs.keys()) this.#dirty.add(name)
    for (const name of this.#dirty) {
      const spec = this.#specs.get(name)?.spec
      if (spec === undefined) {
        states.delete(name)
        continue
      }
      const usage = new Map(this.#totals.get(name)?.usage)
      // What an earlier scheduler saw held is what this one finds when it starts.
      const held = states.get(name)?.usage ?? usage
      const halfLifeMs = this.#treeNow().get(name)?.usageHalfLifeMs ?? null
      states.set(name, { spec, usage, past: this.#past.averageOf(name, held, halfLifeMs, nowMs) })
    }
    this.#dirty.clear()
    return changed
  }

  /** Queues whose status may differ from what was last taken. */
  takeChangedStatus(): string[] {
    const names = [...this.#changedStatus].filter((name) => this.#specs.has(name))
    this.#changedStatus.clear()
    return names
  }

  /** Without conditions: those have a history. */
  status(name: string): QueueStatus | null {
    const known = this.#specs.get(name)
    if (known === undefined) return null
    const { pending, admitted, pendingGpuThousandths, usage } = this.#totals.get(name) ?? emptyTotals()
    const used = [...usage.values()].reduce((sum, { GPU }) => sum + GPU, 0)
    return {
      observedGeneration: known.generation,
      pending,
      admitted,
      usedGpus: String(used / 1000),
      pendingGpus: String(pendingGpuThousandths / 1000),
      ...this.#past.status(name),
      ...this.#gpuQuota(name, known.spec),
    }
  }

  /** Why jobs cannot be admitted from the queue; null where they can. */
  problem(name: string): string | null {
    return this.#treeNow().problem(name)
  }

  /** The queue whose stop policy drains this one: itself or one above it; null: none does. */
  drainedBy(name: string): string | null {
    const stop = this.#treeNow().get(name)?.stop
    return stop?.policy === 'HoldAndDrain' ? stop.of : null
  }

  #treeNow(): QueueTree {
    this.#tree ??= new QueueTree([...this.#specs.values()].map(({ spec }) => spec))
    return this.#tree
  }

  #gpuQuota(name: string, { quotas }: QueueSpec): Pick<QueueStatus, 'nominalGpus' | 'borrowedGpus'> {
    const ofGpus = quotas.filter(({ resource }) => resource === 'GPU')
    if (ofGpus.length === 0) return { borrowedGpus: '0' }
    const used = this.#gpusWithin(name)
    const nominal = ofGpus.reduce((sum, { nominalQuota }) => sum + nominalQuota, 0)
    const beyond = (of: readonly Quota[]) =>
      of.reduce((sum, { flavor, nominalQuota }) => sum + Math.max(0, (used.get(flavor) ?? 0) - nominalQuota), 0)
    // A quota for any flavor counts the same devices again.
    const ofAny = ofGpus.filter(({ flavor }) => flavor === ANY_FLAVOR)
    const ofOne = ofGpus.filter(({ flavor }) => flavor !== ANY_FLAVOR)
    return {
      nominalGpus: String(nominal / 1000),
      borrowedGpus: String(Math.max(beyond(ofAny), beyond(ofOne)) / 1000),
    }
  }

  /** Thousandths of GPUs that the queue and those below it hold, by flavor, and under ANY_FLAVOR all of them. */
  #gpusWithin(name: string): Map<string, number> {
    const used = new Map<string, number>()
    const add = (flavor: string, thousandths: number) => used.set(flavor, (used.get(flavor) ?? 0) + thousandths)
    for (const [queue, { usage }] of this.#totals) {
      if (queue !== name && !this.#ancestorsOf(queue).includes(name)) continue
      for (const [flavor, { GPU }] of usage) {
        add(flavor, GPU)
        add(ANY_FLAVOR, GPU)
      }
    }
    return used
  }

  /** Nearest first; of queues that hang on themselves, each once. */
  #ancestorsOf(name: string): string[] {
    const ancestors: string[] = []
    for (let at = this.#specs.get(name)?.spec.parent; at != null; at = this.#specs.get(at)?.spec.parent) {
      if (at === name || ancestors.includes(at)) break
      ancestors.push(at)
    }
    return ancestors
  }

  #add(share: QueueShare, sign: 1 | -1): void {
    const totals = this.#totals.get(share.queue) ?? emptyTotals()
    totals.pending += share.isPending ? sign : 0
    totals.admitted += share.isAdmitted ? sign : 0
    totals.pendingGpuThousandths += sign * share.pendingGpuThousandths
    for (const [flavor, amounts] of share.usage) {
      const before = totals.usage.get(flavor) ?? { GPU: 0, CPU: 0, MEMORY: 0 }
      const after = {
        GPU: before.GPU + sign * amounts.GPU,
        CPU: before.CPU + sign * amounts.CPU,
        MEMORY: before.MEMORY + sign * amounts.MEMORY,
      }
      if (after.GPU === 0 && after.CPU === 0 && after.MEMORY === 0) totals.usage.delete(flavor)
      else totals.usage.set(flavor, after)
      this.#dirty.add(share.queue)
    }
    if (totals.pending === 0 && totals.admitted === 0 && totals.usage.size === 0) this.#totals.delete(share.queue)
    else this.#totals.set(share.queue, totals)
    this.#changedStatus.add(share.queue)
    for (const ancestor of this.#ancestorsOf(share.queue)) this.#changedStatus.add(ancestor)
  }
}

function emptyTotals(): Totals {
  return { pending: 0, admitted: 0, pendingGpuThousandths: 0, usage: new Map() }
}
