import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { PriceList } from '../domain/priceBook.ts'

/** Publishes a version of the price list; one that is there already stands as it is. */
export async function insertPriceList(tx: Tx, list: PriceList): Promise<void> {
  const rows = Object.entries(list.perGpuSecond).map(([model, price]) => ({ model, price }))
  await tx.execute(sql`
    with published as (
      insert into price_lists (version, effective_from, currency)
      values (${list.version}, to_timestamp(${list.effectiveFromSeconds}), ${list.currency})
      on conflict do nothing returning version)
    insert into prices (version, model, unit_price)
    select published.version, model, price
      from published, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row(model text, price numeric)`)
}

/** Every version that was published. */
export async function loadPriceLists(tx: Tx): Promise<PriceList[]> {
  const rows = await tx.execute<{
    version: number
    effective_from: string
    currency: string
    prices: Record<string, string>
  }>(sql`
    select version, extract(epoch from effective_from)::bigint as effective_from, currency,
           jsonb_object_agg(model, unit_price::text) as prices
      from price_lists join prices using (version)
     group by version order by version`)
  return rows.map((row) => ({
    version: row.version,
    effectiveFromSeconds: Number(row.effective_from),
    currency: row.currency,
    perGpuSecond: row.prices,
  }))
}
