import { join } from 'node:path'
import { databaseAddress } from '../platform/database/address.ts'
import type { ConnectionOptions } from '../platform/database/connection.ts'
import { runningServer, startPostgres } from '../platform/postgres/launcher.ts'
import type { Settings } from './settings.ts'

/** The database that a command works on, as its administrator. */
export interface DatabaseToCopy {
  connection: ConnectionOptions
  /** What it is called where a person reads it. */
  name: string
  close(): Promise<void>
}

/** That of DATABASE_URL, else the data folder's, whether its program runs or not. */
export async function openDatabaseToCopy({ dataDir, apart: { databaseUrl } }: Settings): Promise<DatabaseToCopy> {
  if (databaseUrl !== null) {
    const connection = databaseAddress(databaseUrl)
    return { connection, name: `the database ${connection.database}`, close: async () => {} }
  }
  const name = `the database in ${join(dataDir, 'postgres')}`
  const running = await runningServer(dataDir)
  if (running !== null) return { connection: running, name, close: async () => {} }
  const server = await startPostgres({ dataDir })
  return { connection: server.connectionOptions(server.superuser, 'postgres'), name, close: () => server.stop() }
}
