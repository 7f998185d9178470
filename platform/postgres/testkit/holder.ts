import { PostgresError } from '../errors.ts'
import { startPostgres } from '../launcher.ts'

/**
 * The launcher in a process of its own, for tests to kill, interrupt, or run as another user.
 * Arguments: data folder, fallback folder or ''. Sends one HolderReport, then `interrupted` for each Ctrl-C.
 * The message `stop` ends it in order; `exit` ends it without a thought for the server.
 */
export type HolderReport =
  | { kind: 'started'; socketDir: string; pid: number; replacedOrphan: boolean }
  | { kind: 'refused'; code: string; message: string; fix: string }

const [dataDir = '', fallbackDir = ''] = process.argv.slice(2)

process.on('SIGINT', () => process.send?.({ kind: 'interrupted' }))

try {
  const postgres = await startPostgres(fallbackDir === '' ? { dataDir } : { dataDir, fallbackDir })
  report({ kind: 'started', socketDir: postgres.host, pid: postgres.pid, replacedOrphan: postgres.replacedOrphan })
  process.once('message', async (message) => {
    if (message === 'stop') await postgres.stop()
    process.exit(0)
  })
} catch (error) {
  if (!(error instanceof PostgresError)) throw error
  report({ kind: 'refused', code: error.code, message: error.message, fix: error.fix })
  process.disconnect?.()
}

function report(message: HolderReport): void {
  process.send?.(message)
}
