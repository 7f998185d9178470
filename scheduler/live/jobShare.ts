import { gpuThousandths, wishedSlots } from '../model/gang.ts'
import { isGang } from '../model/job.ts'
import { type Amounts, plus } from '../model/queue.ts'
import { amountsOf } from '../model/running.ts'
import { admissionOf, type JobEntry } from './jobEntry.ts'
import type { QueueShare } from './queueBook.ts'

/**
 * What the job counts in its queue: what it holds, also while it is being stopped or when it is gone
 * before its pods, and what it asks while it waits.
 * @param flavorOf flavor of a node, for what is held without an assignment that names one
 */
export function shareOf(entry: JobEntry, flavorOf: (node: string) => string): QueueShare {
  const { read, tenantId, queue } = entry
  const isAdmitted = admissionOf(entry) !== null
  const isPending = read !== null && tenantId !== null && !read.isOver && !isAdmitted
  return {
    queue,
    usage: queue === '' ? new Map() : usageOf(entry, flavorOf),
    isPending,
    isAdmitted,
    pendingGpuThousandths:
      isPending && isGang(read.demand) ? wishedSlots(read.demand) * gpuThousandths(read.demand.pod) : 0,
  }
}

function usageOf({ held, flavor }: JobEntry, flavorOf: (node: string) => string): Map<string, Amounts> {
  const usage = new Map<string, Amounts>()
  for (const { node, holding } of held.values()) {
    const counted = flavor ?? flavorOf(node)
    const [before, more] = [usage.get(counted), amountsOf([{ holding }])]
    usage.set(counted, before === undefined ? more : plus(before, more))
  }
  return usage
}
