import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

/** After a restore: files are in no backup, and what an unfinished one would have held is not known any more. */
export async function abandonExports(tx: Tx): Promise<void> {
  await tx.execute(sql`
    update exports set state = 'FAILED', leased_until = null,
           failure = 'The service was restored from a backup, which has no files; ask for it again.'
     where state <> 'FAILED'`)
}
