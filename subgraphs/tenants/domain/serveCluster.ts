import type { Tx } from '../../../platform/database/database.ts'
import { publishAll } from '../../../platform/feeds/feeds.ts'
import { directivesFeed } from '../../../platform/link/directives.ts'
import { allNamespaces, lockClusters, markClusterServed } from '../store/servedClusters.ts'

/** Gives a cluster that has just become known the namespaces of all projects there are; later ones come one by one. */
export async function serveCluster(tx: Tx, clusterId: string): Promise<void> {
  await lockClusters(tx, 'exclusive')
  if (!(await markClusterServed(tx, clusterId))) return
  const namespaces = await allNamespaces(tx)
  await publishAll(
    tx,
    directivesFeed(clusterId),
    namespaces.map((body) => ({ kind: 'Namespace', key: body.namespace, tenantId: body.tenantId, body: { ...body } })),
  )
}
