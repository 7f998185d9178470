import { databaseAddress } from '../../platform/database/address.ts'
import { withClient } from '../../platform/database/connection.ts'
import { setLoginPasswords } from '../../platform/database/loginPasswords.ts'
import { migrate as bringUpToDate } from '../../platform/database/migrate.ts'
import { requireServerVersion } from '../../platform/database/serverVersion.ts'
import type { Command } from '../command.ts'
import { SettingsError } from '../settings.ts'

export const migrate: Command = {
  summary: 'Brings the database of DATABASE_URL up to date, as its administrator; roles included.',
  usage: 'migrate',
  async run(_args, { apart: { databaseUrl, databasePasswords } }) {
    if (databaseUrl === null)
      throw new SettingsError(
        'Which database?',
        'Name it in DATABASE_URL. `npm start` brings the embedded one up to date by itself.',
      )
    const connection = databaseAddress(databaseUrl)
    await withClient(connection, requireServerVersion)
    await bringUpToDate(connection)
    await setLoginPasswords(connection, databasePasswords)
    process.stdout.write('The database is up to date.\n')
    return 0
  },
}
