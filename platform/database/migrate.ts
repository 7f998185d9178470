import { readFile } from 'node:fs/promises'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'
import { type Connection, type ConnectionOptions, inTransaction, withClient } from './connection.ts'
import {
  appliedMigrations,
  type Migration,
  migrationsTable,
  readMigrations,
  schemaNewer,
  throughTag,
} from './migrations.ts'

const BOOTSTRAP = new URL('bootstrap.sql', import.meta.url)

export interface MigrateOptions {
  subgraphs?: readonly SubgraphName[]
  /** Tag of the last step to take, where that is not the newest: an older backup is restored into its own schema first. */
  through?: Partial<Record<SubgraphName, string>>
}

/**
 * Brings roles, helper functions and every subgraph's schema up to date, each subgraph's in one transaction.
 * Idempotent; two at once wait for each other. Needs a connection that may create roles.
 * @throws SchemaError SCHEMA_NEWER, with nothing changed
 */
export async function migrate(
  connection: ConnectionOptions,
  { subgraphs = SUBGRAPH_NAMES, through = {} }: MigrateOptions = {},
): Promise<void> {
  const plans = await Promise.all(
    subgraphs.map(async (subgraph) => {
      const known = await readMigrations(subgraph)
      const last = through[subgraph]
      return { subgraph, known, wanted: last === undefined ? known : throughTag(known, last) }
    }),
  )
  const bootstrap = await readFile(BOOTSTRAP, 'utf8')
  await withClient(connection, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('sluice.migrate'))`)
    for (const { subgraph, known } of plans) await refuseNewer(client, subgraph, known)
    await client.query(bootstrap)
    for (const { subgraph, wanted } of plans) await migrateSubgraph(client, subgraph, wanted)
  })
}

async function migrateSubgraph(
  client: Connection,
  subgraph: SubgraphName,
  wanted: readonly Migration[],
): Promise<void> {
  const table = migrationsTable(subgraph)
  await client.query(rolesOf(subgraph))
  await inTransaction(client, 'begin', async () => {
    await client.query(
      `create table if not exists ${table} (id serial primary key, hash text not null, created_at bigint)`,
    )
    const applied = await appliedMigrations(client, subgraph)
    for (const { createdMs, hash, statements } of wanted) {
      if (applied?.has(createdMs)) continue
      for (const statement of statements) await client.query(statement)
      await client.query(`insert into ${table} (hash, created_at) values ($1, $2)`, [hash, createdMs])
    }
    // The owner too: foreign keys are checked as the owner of their table.
    const roles = ['owner', ...ACTORS].map((role) => `${subgraph}_${role}`).join(', ')
    await client.query(`grant usage on schema ${subgraph} to ${roles}`)
    // A program asks by itself whether the schema is the one it was made for.
    await client.query(`grant usage on schema sluice to ${subgraph}_ingest`)
    await client.query(`grant select on ${table} to ${subgraph}_ingest`)
  })
}

async function refuseNewer(client: Connection, subgraph: SubgraphName, known: readonly Migration[]): Promise<void> {
  const knownMs = new Set(known.map(({ createdMs }) => createdMs))
  for (const createdMs of (await appliedMigrations(client, subgraph)) ?? [])
    if (!knownMs.has(createdMs)) throw schemaNewer(subgraph)
}

const ACTORS = ['app', 'operator', 'ingest', 'retention'] as const

/**
 * The login role has no rights of its own (NOINHERIT): every transaction first becomes one of the
 * actors. The owner cannot log in and is used by migrations alone. Roles belong to the whole server and may
 * be there without the schema; each that is missing is made.
 */
function rolesOf(subgraph: SubgraphName): string {
  const login = `sluice_${subgraph}`
  const create = (role: string, options: string) =>
    `if not exists (select from pg_roles where rolname = '${role}') then create role ${role} ${options}; end if;`
  const groups = ['owner', ...ACTORS].map((role) => create(`${subgraph}_${role}`, 'nologin'))
  // Only where it is missing: two databases of one server that are migrated at once would trip over a second grant.
  const grants = ACTORS.map((actor) => `${subgraph}_${actor}`).map(
    (role) => `if not pg_has_role('${login}', '${role}', 'member') then grant ${role} to ${login}; end if;`,
  )
  return `do $$
begin
  ${groups.join('\n  ')}
  ${create(login, 'login noinherit')}
  ${grants.join('\n  ')}
end $$`
}
