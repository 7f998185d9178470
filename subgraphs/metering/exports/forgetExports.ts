import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RetentionTask } from '../../../platform/retention/tasks.ts'
import { fileNames } from '../domain/export.ts'
import { endedExports, removeExports } from '../store/removeExports.ts'

/**
 * Exports that have ended, with their files. Files go first: a row without its file is found again by the
 * next sweep, a file without its row never would be.
 */
export function forgetExports(exportsDir: string, keepMs: number): RetentionTask {
  return {
    what: 'exports',
    keepMs,
    async remove(tx, { domainAt }, limit) {
      const old = await endedExports(tx, domainAt, limit)
      for (const found of old) {
        const { data, manifest } = fileNames(found)
        for (const name of [data, manifest]) await rm(join(exportsDir, name), { force: true })
      }
      await removeExports(
        tx,
        old.map(({ id }) => id),
      )
      return old.length
    },
  }
}
