import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { ExportRecord } from '../domain/export.ts'

/** At most `limit` exports, oldest first, that were asked for before `until` and that no worker will touch again. */
export async function endedExports(tx: Tx, until: Date, limit: number): Promise<Pick<ExportRecord, 'id' | 'format'>[]> {
  return tx.execute<Pick<ExportRecord, 'id' | 'format'>>(sql`
    select id, format from exports
     where state in ('READY', 'FAILED') and requested_at < ${until.toISOString()}
     order by requested_at, id limit ${limit}`)
}

export async function removeExports(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`delete from exports where id = any(${textArray(ids)})`)
}
