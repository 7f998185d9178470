import type { DomainClock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/database.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { publishAll } from '../../../platform/feeds/feeds.ts'
import { refuse } from '../../../platform/graph/errors.ts'
import type { Ids } from '../../../platform/ids.ts'
import { directivesFeed } from '../../../platform/link/directives.ts'
import type { ClusterHello } from '../../../platform/link/protocol.ts'
import { upsertCluster } from '../store/clusters.ts'
import { allQueues } from '../store/queues.ts'
import { lockQueueTree } from '../store/quotaTree.ts'
import { queueDirective } from './tellQueue.ts'

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const VERSION_MAX_LENGTH = 100

/**
 * Makes a cluster known, and known to the other subgraphs; idempotent by name. A new cluster is
 * given every queue there is.
 * @throws GraphQLError BAD_USER_INPUT
 */
export async function registerCluster(
  { database, ids, clock }: { database: Database; ids: Ids; clock: Pick<DomainClock, 'nowMs'> },
  hello: ClusterHello,
): Promise<{ clusterId: string }> {
  if (!isClusterName(hello.name))
    throw refuse('BAD_USER_INPUT', "A cluster's name is a DNS label of at most 63 characters.")
  const kubernetesVersion = hello.kubernetesVersion.slice(0, VERSION_MAX_LENGTH)
  return database.write({ role: 'ingest' }, async (tx) => {
    await lockQueueTree(tx)
    const cluster = { name: hello.name, kubernetesVersion }
    const { id, isNew } = await upsertCluster(tx, cluster, ids.next('cluster'), new Date(clock.nowMs()))
    if (isNew) {
      await publishFact(tx, 'cluster', null, { id, name: hello.name, flavors: [] })
      const directives = (await allQueues(tx)).map(({ queue, parentObjectName }) => ({
        kind: 'Queue',
        key: queue.objectName,
        tenantId: queue.tenantId,
        body: { ...queueDirective(queue, parentObjectName) },
      }))
      await publishAll(tx, directivesFeed(id), directives)
    }
    return { clusterId: id }
  })
}

export function isClusterName(name: string): boolean {
  return DNS_LABEL.test(name)
}
