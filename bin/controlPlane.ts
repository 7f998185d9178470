import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatewayLimits } from '../gateway/limits.ts'
import type { DomainClock, WallClock } from '../platform/clock.ts'
import type { HostedSubgraph, Subgraph, SubgraphDeps } from '../platform/graph/subgraph.ts'
import type { Tokens } from '../platform/identity/identity.ts'
import type { SubgraphName } from '../platform/link/protocol.ts'
import type { Log } from '../platform/log.ts'

/** Database, four subgraphs and the gateway, in this process. */
export interface ControlPlane {
  readonly url: string
  readonly tokens: { client: Tokens; subgraph: Tokens }
  readonly subgraphs: Record<SubgraphName, Subgraph>
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  dataDir: string
  host: string
  port: number
  /** Domain time. */
  clock: Pick<DomainClock, 'nowMs'>
  wall: WallClock
  log: Log
  limits?: Partial<GatewayLimits>
  /** Settings of the embedded Postgres that differ from its defaults. */
  postgresSettings?: Record<string, string>
  /** The database ended by itself; what was committed is kept, and nothing more can be served. */
  onDatabaseLost(reason: Error): void
}

/** Enough for the requests that two cores can serve at a time; Postgres pays for each with memory. */
export const CONNECTIONS_PER_SUBGRAPH = 6

/**
 * Starts from whatever the data folder holds; a fresh one is made. What it loads is loaded while
 * Postgres starts, since both take a second.
 * @throws errors with a `fix` where a person can mend it: folder, disk, port
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dataDir, host, port, clock, wall, log, onDatabaseLost } = options
  const rooms = loadRooms()
  rooms.catch(() => {}) // reported below, unless Postgres fails first
  const { startPostgres } = await import('../platform/postgres/launcher.ts')
  const postgres = await startPostgres({
    dataDir,
    log: (line) => log.info(line),
    settings: options.postgresSettings ?? {},
  })
  const ends: (() => Promise<void>)[] = [() => postgres.stop()]
  void postgres.ended.then((reason) => reason && onDatabaseLost(reason))
  const stop = async () => {
    for (const end of ends.reverse().splice(0)) await end()
  }
  try {
    const {
      migrate,
      openDatabase,
      createTokens,
      loadSecrets,
      createIds,
      createWakeups,
      startGateway,
      entityExists,
      create,
    } = await rooms
    await migrate(postgres.connectionOptions(postgres.superuser, 'postgres'))
    const secrets = await loadSecrets(dataDir)
    const tokens = {
      client: createTokens({ secret: secrets.client, audience: 'client', wall }),
      subgraph: createTokens({ secret: secrets.subgraph, audience: 'subgraph', wall }),
    }
    const wakeups = createWakeups()
    const exportsDir = join(dataDir, 'exports')
    await mkdir(exportsDir, { recursive: true })
    let url = ''

    const depsOf = (subgraph: SubgraphName): SubgraphDeps => ({
      database: openDatabase({
        subgraph,
        connection: postgres.connectionOptions(`sluice_${subgraph}`, 'postgres'),
        maxConnections: CONNECTIONS_PER_SUBGRAPH,
        notify: wakeups.notify,
      }),
      wakeups,
      clock,
      wall,
      ids: createIds(),
      log: log.child({ subgraph }),
      subgraphTokens: tokens.subgraph,
      exportsDir,
      publicUrl: () => url,
    })
    const started: HostedSubgraph[] = []
    ends.push(async () => void (await Promise.all(started.map((subgraph) => subgraph.stop()))))
    const start = async (subgraph: Promise<HostedSubgraph>) => {
      started.push(await subgraph)
      return subgraph
    }
    const [tenants, inventory, jobs, metering] = await Promise.all([
      start(create.tenants({ ...depsOf('tenants'), entityExists: entityExists(started) })),
      start(create.inventory(depsOf('inventory'))),
      start(create.jobs(depsOf('jobs'))),
      start(create.metering(depsOf('metering'))),
    ])
    const subgraphs = { tenants, inventory, jobs, metering }
    const feeds = { tenants: tenants.facts, inventory: inventory.facts, jobs: jobs.facts, metering: metering.facts }
    for (const subgraph of started) subgraph.follow(feeds)

    const gateway = await startGateway({
      subgraphs: started,
      tokens,
      wall,
      log,
      host,
      port,
      limits: options.limits ?? {},
    })
    ends.push(() => gateway.stop())
    url = gateway.url
    return { url, tokens, subgraphs, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Loaded together: the GraphQL packages alone take most of a second. */
async function loadRooms() {
  const [gateway, entities, database, migration, identity, secrets, ids, wakeups, tenants, inventory, jobs, metering] =
    await Promise.all([
      import('../gateway/gateway.ts'),
      import('../gateway/graph/entities.ts'),
      import('../platform/database/database.ts'),
      import('../platform/database/migrate.ts'),
      import('../platform/identity/identity.ts'),
      import('../platform/identity/secrets.ts'),
      import('../platform/ids.ts'),
      import('../platform/wakeups.ts'),
      import('../subgraphs/tenants/subgraph.ts'),
      import('../subgraphs/inventory/subgraph.ts'),
      import('../subgraphs/jobs/subgraph.ts'),
      import('../subgraphs/metering/subgraph.ts'),
    ])
  return {
    startGateway: gateway.startGateway,
    entityExists: entities.entityExists,
    openDatabase: database.openDatabase,
    migrate: migration.migrate,
    createTokens: identity.createTokens,
    loadSecrets: secrets.loadSecrets,
    createIds: ids.createIds,
    createWakeups: wakeups.createWakeups,
    create: {
      tenants: tenants.createTenantsSubgraph,
      inventory: inventory.createInventorySubgraph,
      jobs: jobs.createJobsSubgraph,
      metering: metering.createMeteringSubgraph,
    },
  }
}
