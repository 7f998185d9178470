import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntityExists } from '../../gateway/graph/entities.ts'
import { entityExists } from '../../gateway/graph/entities.ts'
import type { DomainClock } from '../../platform/clock.ts'
import { wallClock } from '../../platform/clocks.ts'
import { subgraphAddress } from '../../platform/database/address.ts'
import { awaitSchema } from '../../platform/database/awaitSchema.ts'
import { openDatabase } from '../../platform/database/database.ts'
import { shareWakeups } from '../../platform/database/sharedWakeups.ts'
import { hostSubgraph } from '../../platform/graph/host/host.ts'
import type { HostedSubgraph, SubgraphDeps } from '../../platform/graph/subgraph.ts'
import { createTokens } from '../../platform/identity/identity.ts'
import { createRoleTokens } from '../../platform/identity/roleTokens.ts'
import { createIds } from '../../platform/ids.ts'
import type { SubgraphName } from '../../platform/link/protocol.ts'
import { createWakeups } from '../../platform/wakeups.ts'
import { CONNECTIONS_PER_SUBGRAPH } from '../controlPlane.ts'
import { type Settings, SettingsError } from '../settings.ts'
import { connectPeers } from './peers.ts'
import type { RoleStart, StartedRole } from './runRole.ts'
import { subgraphSecretOf } from './secrets.ts'

/** One subgraph over HTTP, on the database of DATABASE_URL. */
export async function startSubgraphRole(
  name: SubgraphName,
  settings: Settings,
  clock: Pick<DomainClock, 'nowMs'>,
  role: RoleStart,
): Promise<StartedRole> {
  const { databaseUrl, databasePasswords, subgraphUrls, gatewayUrl } = settings.apart
  const { log, signal, waitsFor } = role
  if (databaseUrl === null)
    throw new SettingsError('A subgraph apart has no database of its own.', 'Name a Postgres in DATABASE_URL.')
  const connection = subgraphAddress(databaseUrl, name, databasePasswords[name])
  let waited: string | null = null
  await awaitSchema({
    subgraph: name,
    connection,
    log,
    signal,
    onWaiting(what) {
      if (waited !== null) waitsFor.delete(waited)
      if (what !== null) waitsFor.add(what)
      waited = what
    },
  })

  const ends: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const end of ends.reverse().splice(0)) await end()
  }
  try {
    const secret = await subgraphSecretOf(settings)
    const roles = createRoleTokens({ secret, role: name, wall: wallClock })
    const peers = connectPeers(subgraphUrls, roles)
    ends.push(async () => void (await Promise.all(Object.values(peers).map((peer) => peer.stop()))))
    const wakeups = await shareWakeups({ subgraph: name, connection, wakeups: createWakeups(), log })
    ends.push(() => wakeups.close())
    const exportsDir = join(settings.dataDir, 'exports')
    if (name === 'metering') await mkdir(exportsDir, { recursive: true })
    const subgraph = await create(name, entityExists(Object.values(peers)), {
      database: openDatabase({
        subgraph: name,
        connection,
        maxConnections: CONNECTIONS_PER_SUBGRAPH,
        notify: wakeups.notify,
      }),
      wakeups,
      clock,
      wall: wallClock,
      ids: createIds(),
      log,
      subgraphTokens: createTokens({ secret, audience: 'subgraph', wall: wallClock }),
      exportsDir,
      publicUrl: () => gatewayUrl,
    })
    ends.push(() => subgraph.stop())
    subgraph.follow(Object.fromEntries(Object.entries(peers).map(([source, peer]) => [source, peer.facts])))
    const { host, port } = role
    const hosted = await hostSubgraph({ subgraph, wakeups, roles, host, port, log })
    ends.push(() => hosted.stop())
    return { url: hosted.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Loads that subgraph's code alone. */
async function create(name: SubgraphName, exists: EntityExists, deps: SubgraphDeps): Promise<HostedSubgraph> {
  switch (name) {
    case 'tenants':
      return (await import('../../subgraphs/tenants/subgraph.ts')).createTenantsSubgraph({
        ...deps,
        entityExists: exists,
      })
    case 'inventory':
      return (await import('../../subgraphs/inventory/subgraph.ts')).createInventorySubgraph(deps)
    case 'jobs':
      return (await import('../../subgraphs/jobs/subgraph.ts')).createJobsSubgraph(deps)
    case 'metering':
      return (await import('../../subgraphs/metering/subgraph.ts')).createMeteringSubgraph(deps)
  }
}
