import { annotations, labels } from '../../../kubernetes/names.ts'
import type { Job, Queue } from '../../../kubernetes/objects.ts'
import type { World } from '../world.ts'
import { type MakeCheck, must } from './check.ts'

/** A change of the tree may be on its way to the scheduler for so long. */
const KNOWN_AFTER_MS = 60_000

/**
 * With each admission its queue and all above it stay within what they have and may borrow, as Kueue reads that:
 * said here once more, from the Queue objects and what stands in the cluster.
 */
export const checkQuotas: MakeCheck = (world) => {
  const { truth, time, looking } = world
  let treeChangedMs = Number.NEGATIVE_INFINITY
  truth.queues.onChange((change) => {
    const isSame = change.type === 'MODIFIED' && change.before.spec === change.object.spec
    if (!isSame && time.nowMs > 0) treeChangedMs = time.nowMs
  })
  truth.jobs.onChange(
    looking((change) => {
      if (change.type !== 'MODIFIED' || !change.before.spec?.suspend || change.object.spec?.suspend) return
      if (time.nowMs - treeChangedMs > KNOWN_AFTER_MS) checkBranch(world, change.object)
    }),
  )
  return {}
}

function checkBranch({ truth, time }: World, job: Job): void {
  must(job.metadata.annotations?.[annotations.assignment] !== undefined, () => `${job.metadata.name} runs unassigned`)
  truth.ledger.refresh(time.domain.nowMs())
  const figures = figuresOf([...truth.queues.items()], (name) => {
    const usage = truth.ledger.snapshot.queues.get(name)?.usage.values() ?? []
    return [...usage].reduce((sum, { GPU }) => sum + GPU, 0)
  })
  const isBounded = [...truth.queues.items()].some(({ spec }) => spec.quotas.length > 0)
  for (let at = figures.get(job.metadata.labels?.[labels.queue] ?? ''); at; at = figures.get(at.parent)) {
    const { name, used, subtree, borrowing } = at
    if (!isBounded || figures.get('company') === undefined || rootOf(figures, name) !== 'company') return
    const limit = at.parent === '' ? subtree : subtree + borrowing
    must(used <= limit, () => `with ${job.metadata.name} queue ${name} has ${used} of ${limit} thousandths of GPUs`)
  }
}

interface Figures {
  readonly name: string
  readonly parent: string
  /** What it may count on with all below it. */
  readonly subtree: number
  readonly borrowing: number
  /** Its own use, and that of those below beyond what they keep to themselves. */
  readonly used: number
  readonly kept: number
}

function figuresOf(queues: readonly Queue[], ownUse: (name: string) => number): Map<string, Figures> {
  const figures = new Map<string, Figures>()
  const below = (name: string) => queues.filter(({ spec }) => spec.parent === name)
  const visit = ({ metadata, spec }: Queue): Figures => {
    const name = metadata.name ?? ''
    const children = below(name).map(visit)
    const [quota] = spec.quotas
    const thousandths = (decimal: string | undefined, absent: number) =>
      decimal === undefined ? absent : Number(decimal) * 1_000
    const subtree =
      thousandths(quota?.nominalQuota, 0) + children.reduce((sum, child) => sum + child.subtree - child.kept, 0)
    const lending = thousandths(quota?.lendingLimit, Number.POSITIVE_INFINITY)
    const figure = {
      name,
      parent: spec.parent ?? '',
      subtree,
      borrowing: thousandths(quota?.borrowingLimit, Number.POSITIVE_INFINITY),
      used: ownUse(name) + children.reduce((sum, child) => sum + Math.max(0, child.used - child.kept), 0),
      kept: Math.max(0, subtree - lending),
    }
    figures.set(name, figure)
    return figure
  }
  for (const queue of queues) if (queue.spec.parent === undefined) visit(queue)
  return figures
}

function rootOf(figures: ReadonlyMap<string, Figures>, name: string): string {
  const parent = figures.get(name)?.parent ?? ''
  return parent === '' ? name : rootOf(figures, parent)
}
