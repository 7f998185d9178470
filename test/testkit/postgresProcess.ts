import { startPostgres } from '../../platform/postgres/launcher.ts'

/** A Postgres in a process of its own, for roles that run apart: `node postgresProcess.ts FOLDER`. */
const [dataDir = ''] = process.argv.slice(2)
const postgres = await startPostgres({
  dataDir,
  // Killed with -9 or not, what was committed is in the files; only a lost machine would need it on the disk.
  settings: { fsync: 'off', max_connections: '100' },
})
process.stdout.write(`postgres://${postgres.superuser}@/postgres?host=${postgres.host}&port=${postgres.port}\n`)
// The server's process is nothing that Node waits for.
setInterval(() => {}, 60_000)
process.once('SIGINT', () => void postgres.stop().then(() => process.exit(0)))
