import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../../../platform/database/database.ts'
import type { Download } from '../../../platform/graph/subgraph.ts'
import { actorOf, may } from '../../../platform/identity/authorize.ts'
import type { Identity } from '../../../platform/identity/identity.ts'
import { prefixOf } from '../../../platform/ids.ts'
import { findExports } from '../store/exportRecords.ts'
import { FILE_TYPES, fileNames } from './export.ts'

/**
 * The file of an export, if it is ready and the caller may have it: asked anew for each download, of
 * the one decision function and of the database's own row-level security.
 */
export async function downloadExport(
  { database, exportsDir }: { database: Database; exportsDir: string },
  exportId: string,
  identity: Identity,
): Promise<Download | null> {
  if (prefixOf(exportId) !== 'export') return null
  const [found] = await database.read(actorOf(identity), (tx) => findExports(tx, [exportId]))
  if (found?.state !== 'READY' || !may(identity, 'export.read', found)) return null
  const file = await open(join(exportsDir, fileNames(found).data)).catch(() => null)
  if (file === null) return null
  const { extension, contentType } = FILE_TYPES[found.format]
  const [from, to] = [found.from.slice(0, 10), found.to.slice(0, 10)]
  return {
    fileName: `${found.shape.toLowerCase()}-${from}-to-${to}.${extension}`,
    contentType,
    sizeBytes: (await file.stat()).size,
    content: () => file.createReadStream(),
    discard: () => void file.close(),
  }
}
