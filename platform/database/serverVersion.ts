import type { Connection } from './connection.ts'

/** The server is older than what our schema needs. */
export class PostgresTooOldError extends Error {
  readonly code = 'POSTGRES_TOO_OLD'
  readonly fix = `Name a Postgres ${MIN_POSTGRES} or later in DATABASE_URL.`
}

export const MIN_POSTGRES = 18

/** @throws PostgresTooOldError */
export async function requireServerVersion(client: Pick<Connection, 'query'>): Promise<void> {
  const { rows } = await client.query<{ number: string; text: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  )
  const [row] = rows
  if (row === undefined || Number(row.number) < MIN_POSTGRES * 10_000)
    throw new PostgresTooOldError(`This is Postgres ${row?.text}, and Sluice needs ${MIN_POSTGRES} or later.`)
}
