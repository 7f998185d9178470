import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { backUp } from '../../platform/backup/backUp.ts'
import { wallClock } from '../../platform/clocks.ts'
import type { Command } from '../command.ts'
import { openDatabaseToCopy } from '../databaseToCopy.ts'
import { SettingsError } from '../settings.ts'

export const backup: Command = {
  summary: 'Writes the whole database, as of one instant, into a new folder; Sluice may go on running.',
  usage: 'backup FOLDER',
  async run(args, settings) {
    const { positionals } = parseArgs({ args, allowPositionals: true })
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0)
      throw new SettingsError('Where to?', 'Name one folder that is not there yet.')
    // Otherwise looking into it would make a database there.
    if (settings.apart.databaseUrl === null && !existsSync(join(settings.dataDir, 'postgres')))
      throw new SettingsError(`There is no database in ${settings.dataDir}.`, 'Name it in SLUICE_DATA or DATABASE_URL.')
    const database = await openDatabaseToCopy(settings)
    try {
      const { tables } = await backUp({ connection: database.connection, folder: resolve(folder), wall: wallClock })
      const rows = tables.reduce((sum, table) => sum + table.rows, 0)
      process.stdout.write(`${rows} rows of ${tables.length} tables are in ${resolve(folder)}.\n`)
      return 0
    } finally {
      await database.close()
    }
  },
}
