import { comparePositions } from '../../platform/feeds/feeds.ts'
import type {
  BatchAnswer,
  Directive,
  DirectivesPage,
  DirectivesRequest,
  Observation,
  ObservationBatch,
  SubgraphName,
} from '../../platform/link/protocol.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import { type Link, LinkError } from '../link/link.ts'

/** A control plane in memory that keeps the rules of the protocol, and the link to it. */
export interface FakeControlPlane {
  readonly link: Link
  /** What was applied, each batch once. */
  batches(subgraph: SubgraphName): readonly ObservationBatch[]
  records(subgraph: SubgraphName): readonly Observation[]
  /** Hellos, and what else was asked, in order. */
  readonly calls: readonly string[]
  /** Publishes the newest directive of an object. */
  put(subgraph: SubgraphName, directive: Omit<Directive, 'position'>): void
  /** As after a restore: the directives that there are stand at other positions, of another history. */
  replaceHistory(): void
  /** Position of the newest directive of each feed. */
  heads(): Partial<Record<SubgraphName, string>>
  /** As a gateway that has started anew: the next call is refused with HELLO_FIRST. */
  forgetHello(): void
  /** Comes between: may refuse, hold, or lose the answer of `deliver`. */
  observing: (subgraph: SubgraphName, batch: ObservationBatch, deliver: () => BatchAnswer) => Promise<BatchAnswer>
  /** Comes between a hello and its answer. */
  greeting: (signal: AbortSignal) => Promise<void>
  /** Resolves when it holds; looked at after each call and each answer. */
  until(holds: () => boolean): Promise<void>
}

export const CLUSTER_ID = 'cluster_test'

export function fakeControlPlane(): FakeControlPlane {
  const applied = new Map<SubgraphName, ObservationBatch[]>(SUBGRAPH_NAMES.map((name) => [name, []]))
  const feeds = new Map<SubgraphName, Directive[]>(SUBGRAPH_NAMES.map((name) => [name, []]))
  const calls: string[] = []
  let happening = Promise.withResolvers<void>()
  let published = 0
  let epoch = 'first'
  let isGreeted = false

  function happened(): void {
    happening.resolve()
    happening = Promise.withResolvers()
  }
  /** Whoever waits for a call looks once what it was about has been done. */
  function note(call: string): void {
    calls.push(call)
    setImmediate(happened)
  }
  function refuseStrangers(): void {
    if (!isGreeted) throw new LinkError('say hello first', { status: 409, code: 'HELLO_FIRST' })
  }

  function apply(subgraph: SubgraphName, batch: ObservationBatch): BatchAnswer {
    const batches = applied.get(subgraph) ?? []
    const { epoch, number } = batches.at(-1) ?? { epoch: 0, number: 0 }
    if (batch.epoch < epoch) return { outcome: 'staleEpoch', expected: { epoch, number } }
    if (batch.epoch === epoch && batch.number <= number) return { outcome: 'applied', quarantined: 0 }
    const next = batch.epoch === epoch ? number + 1 : 1
    if (batch.number !== next) return { outcome: 'gap', expected: { epoch: batch.epoch, number: next - 1 } }
    batches.push(structuredClone(batch))
    return { outcome: 'applied', quarantined: 0 }
  }

  async function directives(
    subgraph: SubgraphName,
    { after: told = '0.0', epoch: known = epoch, limit }: DirectivesRequest,
    signal: AbortSignal,
  ): Promise<DirectivesPage> {
    for (;;) {
      if (signal.aborted) throw new LinkError('aborted')
      const { promise } = happening
      const feed = feeds.get(subgraph) ?? []
      const after = known === epoch ? told : '0.0'
      const page = feed.filter(({ position }) => comparePositions(position, after) > 0).slice(0, limit)
      if (page.length > 0) return { directives: structuredClone(page), position: page.at(-1)?.position ?? after, epoch }
      await Promise.race([promise, abortOf(signal)])
    }
  }

  const plane: FakeControlPlane = {
    link: {
      async hello(_hello, signal) {
        note('hello')
        await plane.greeting(signal)
        isGreeted = true
        happened()
        return { clusterId: CLUSTER_ID }
      },
      async directives(subgraph, request, signal) {
        note(`directives ${subgraph}`)
        refuseStrangers()
        return directives(subgraph, request, signal)
      },
      async observe(subgraph, batch, signal) {
        note(`observe ${subgraph} ${batch.epoch}/${batch.number}`)
        try {
          refuseStrangers()
          const answer = plane.observing(subgraph, batch, () => apply(subgraph, batch))
          return await Promise.race([answer, abortOf(signal)])
        } finally {
          setImmediate(happened)
        }
      },
      close: async () => {},
    },
    calls,
    batches: (subgraph) => applied.get(subgraph) ?? [],
    records: (subgraph) => (applied.get(subgraph) ?? []).flatMap(({ records }) => records),
    put(subgraph, directive) {
      published += 1
      const feed = feeds.get(subgraph) ?? []
      const others = feed.filter(({ kind, key }) => kind !== directive.kind || key !== directive.key)
      feeds.set(subgraph, [...others, { ...directive, position: `1.${published}` } as Directive])
      happened()
    },
    replaceHistory() {
      epoch = `after ${epoch}`
      published = 0
      for (const directive of [...feeds.values()].flat()) directive.position = `1.${++published}`
      happened()
    },
    heads: () =>
      Object.fromEntries(
        [...feeds].flatMap(([name, feed]) => (feed.length > 0 ? [[name, feed.at(-1)?.position]] : [])),
      ),
    forgetHello() {
      isGreeted = false
    },
    observing: async (_subgraph, _batch, deliver) => deliver(),
    greeting: async () => {},
    async until(holds) {
      while (!holds()) await happening.promise
    },
  }
  return plane
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new LinkError('aborted'))
    signal.addEventListener('abort', () => reject(new LinkError('aborted')))
  })
}
