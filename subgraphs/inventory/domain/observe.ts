import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import type { Ids } from '../../../platform/ids.ts'
import type { BatchOrigin, ObservationHandlers } from '../../../platform/link/observations.ts'
import { refreshFlavors } from '../store/clusters.ts'
import { forgetUnseenNodes, recordNodes, removeNodes } from '../store/observedNodes.ts'
import { forgetUnseenPods, recordPods, refreshAllocations } from '../store/observedPods.ts'
import { forgetUnseenQueues, type ObservedQueue, recordQueues } from '../store/observedQueues.ts'
import { NO_NUMBERS, queueNumbers } from '../store/queueNumbers.ts'
import { newestStates } from './newestStates.ts'
import { takeSnapshot } from './takeSnapshot.ts'
import { queueEvent } from './tellQueue.ts'

/** A batch costs a fixed number of statements, however many records it has. */
export function observationHandlers({ ids }: { ids: Ids }): ObservationHandlers {
  return {
    async applyAll(tx, origin, records) {
      const { nodes, goneNodes, pods, queues, snapshot } = newestStates(records)
      if (nodes.length > 0) await recordNodes(tx, origin, nodes, ids)
      if (goneNodes.length > 0) await removeNodes(tx, origin, goneNodes)
      const touchedNodes = new Set(nodes.map(({ name }) => name))
      if (pods.length > 0) for (const node of await recordPods(tx, origin, pods)) touchedNodes.add(node)
      if (touchedNodes.size > 0) await refreshAllocations(tx, origin, [...touchedNodes])
      if (nodes.length > 0 || goneNodes.length > 0) await publishFlavors(tx, origin)
      if (queues.length > 0) await tellNumbers(tx, origin, await recordQueues(tx, origin, queues))
      if (snapshot !== null) await takeSnapshot(tx, origin, snapshot)
    },

    async resyncEnd(tx, origin) {
      await forgetUnseenNodes(tx, origin)
      const touchedNodes = await forgetUnseenPods(tx, origin)
      if (touchedNodes.length > 0) await refreshAllocations(tx, origin, touchedNodes)
      await publishFlavors(tx, origin)
      await tellNumbers(tx, origin, await forgetUnseenQueues(tx, origin))
    },
  }
}

async function publishFlavors(tx: Tx, { clusterId }: BatchOrigin): Promise<void> {
  const changed = await refreshFlavors(tx, clusterId)
  if (changed) await publishFact(tx, 'cluster', null, { id: clusterId, ...changed })
}

async function tellNumbers(tx: Tx, { through }: BatchOrigin, changed: readonly ObservedQueue[]): Promise<void> {
  if (changed.length === 0) return
  const numbers = await queueNumbers(
    tx,
    changed.map(({ id }) => id),
  )
  await appendEvents(
    tx,
    changed.map((queue) => queueEvent(queue, 'OBSERVED', through, numbers.get(queue.id) ?? NO_NUMBERS)),
  )
}
