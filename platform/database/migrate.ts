import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)
const BOOTSTRAP = new URL('bootstrap.sql', import.meta.url)

/**
 * Brings roles, helper functions and every subgraph's schema up to date. Idempotent; two at once
 * wait for each other. Needs a connection that may create roles.
 */
export async function migrate(
  connection: postgres.Options<Record<string, never>>,
  subgraphs: readonly SubgraphName[] = SUBGRAPH_NAMES,
): Promise<void> {
  const client = postgres({ ...connection, max: 1, onnotice: () => {} })
  try {
    const handle = drizzle(client)
    await handle.execute(sql`select pg_advisory_lock(hashtext('sluice.migrate'))`)
    await handle.execute(sql.raw(await readFile(BOOTSTRAP, 'utf8')))
    for (const subgraph of subgraphs) {
      await handle.execute(sql.raw(rolesOf(subgraph)))
      await runMigrations(handle, {
        migrationsFolder: fileURLToPath(new URL(subgraph, MIGRATIONS)),
        migrationsSchema: 'sluice',
        migrationsTable: `migrations_${subgraph}`,
      })
      // The owner too: foreign keys are checked as the owner of their table.
      const roles = ['owner', ...ACTORS].map((role) => `${subgraph}_${role}`).join(', ')
      await handle.execute(sql.raw(`grant usage on schema ${subgraph} to ${roles}`))
    }
  } finally {
    await client.end()
  }
}

const ACTORS = ['app', 'operator', 'ingest'] as const

/**
 * The login role has no rights of its own (NOINHERIT): every transaction first becomes one of the
 * actors. The owner cannot log in and is used by migrations alone.
 */
function rolesOf(subgraph: SubgraphName): string {
  const login = `sluice_${subgraph}`
  const groups = ['owner', ...ACTORS].map((role) => `${subgraph}_${role}`)
  return `do $$
begin
  if not exists (select from pg_roles where rolname = '${login}') then
    ${groups.map((role) => `create role ${role} nologin;`).join('\n    ')}
    create role ${login} login noinherit;
    grant ${ACTORS.map((actor) => `${subgraph}_${actor}`).join(', ')} to ${login};
  end if;
end $$`
}
