import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { restore as restoreBackup } from '../../platform/backup/restore.ts'
import { setLoginPasswords } from '../../platform/database/loginPasswords.ts'
import { abandonExports } from '../../subgraphs/metering/store/abandonExports.ts'
import type { Command } from '../command.ts'
import { openDatabaseToCopy } from '../databaseToCopy.ts'
import { SettingsError } from '../settings.ts'

export const restore: Command = {
  summary: 'Puts a backup into an empty database, or into a data folder that is not there yet.',
  usage: 'restore FOLDER',
  async run(args, settings) {
    const { positionals } = parseArgs({ args, allowPositionals: true })
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0)
      throw new SettingsError('Which backup?', 'Name one folder that `sluice backup` has made.')
    const database = await openDatabaseToCopy(settings)
    try {
      const { createdAt } = await restoreBackup({
        connection: database.connection,
        folder: resolve(folder),
        settle: { metering: abandonExports },
      })
      await setLoginPasswords(database.connection, settings.apart.databasePasswords)
      process.stdout.write(`Restored ${database.name} as of ${createdAt}. Clients' cursors from before are refused.\n`)
      return 0
    } finally {
      await database.close()
    }
  },
}
