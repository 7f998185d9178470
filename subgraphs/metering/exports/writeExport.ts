import { join } from 'node:path'
import type { Database } from '../../../platform/database/database.ts'
import { type ExportRecord, fileNames } from '../domain/export.ts'
import type { IntervalCells } from '../domain/intervalColumns.ts'
import { type Manifest, manifestOf } from '../domain/manifest.ts'
import {
  countExportedIntervals,
  type ExportedPage,
  exportedIntervals,
  type RowKey,
} from '../store/exportedIntervals.ts'
import { removeParts, writeDurably } from './durableFile.ts'
import { rowWriter } from './rowWriter.ts'

interface WriteOptions {
  database: Database
  exportsDir: string
  /** 0 to 1; a throw ends the writing. */
  onProgress(progress: number): Promise<void>
}

/** Part of the format: a page is a row group of a Parquet file. */
const PAGE_ROWS = 2_000

/** Writes the file and its manifest, page by page, each read in a transaction of its own. */
export async function writeExport(asked: ExportRecord, options: WriteOptions): Promise<Manifest> {
  const { exportsDir } = options
  const names = fileNames(asked)
  const part = (name: string, attempt: number) => `.${name}.${attempt}.part`
  const earlier = Array.from({ length: asked.attempts - 1 }, (_, index) => index + 1)
  await removeParts(
    exportsDir,
    earlier.flatMap((attempt) => [part(names.data, attempt), part(names.manifest, attempt)]),
  )
  let rows = 0
  const digest = await writeDurably(
    join(exportsDir, names.data),
    join(exportsDir, part(names.data, asked.attempts)),
    async (file) => {
      const writer = rowWriter(asked.format, file)
      for await (const page of pages(asked, options)) {
        await writer.write(page)
        rows += page.length
      }
      await writer.end()
    },
  )
  const manifest = manifestOf(asked, { rows, ...digest })
  await writeDurably(join(exportsDir, names.manifest), join(exportsDir, part(names.manifest, asked.attempts)), (file) =>
    file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`),
  )
  return manifest
}

const INGEST = { role: 'ingest' } as const

async function* pages(
  asked: ExportRecord,
  { database, onProgress }: WriteOptions,
): AsyncGenerator<IntervalCells[], void, void> {
  const total = await database.read(INGEST, (tx) => countExportedIntervals(tx, asked))
  let after: RowKey | null = null
  for (let done = 0; done < total; ) {
    const from = after
    const page: ExportedPage = await database.read(INGEST, (tx) => exportedIntervals(tx, asked, from, PAGE_ROWS))
    if (page.cells.length === 0) return
    yield page.cells
    after = page.last
    done += page.cells.length
    await onProgress(done / total)
  }
}
