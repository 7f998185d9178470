import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Claims } from '../../../platform/identity/identity.ts'
import { member, operator } from '../../../test/testkit/subgraph.ts'
import { at, idOf } from '../testkit/builders.ts'
import { exported, look, me, request, TENANT, withIntervals } from '../testkit/exporting.ts'
import { type Metering, startMetering } from '../testkit/startMetering.ts'

describe('a request', () => {
  const refusals: Record<string, [overrides: Record<string, unknown>, code: string, field: string]> = {
    'of another tenant': [{ tenantId: idOf('tenant', 2) }, 'NOT_FOUND', 'tenantId'],
    'of no tenant': [{ tenantId: '../acme' }, 'NOT_FOUND', 'tenantId'],
    'for no time': [{ from: at(1), to: at(1) }, 'RANGE_INVALID', 'to'],
    'from a time that is none': [{ from: '1.3.2026' }, 'RANGE_INVALID', 'from'],
  }
  for (const [name, [overrides, code, field]] of Object.entries(refusals)) {
    test(`${name} is refused`, async () => {
      const metering = await startMetering()
      await metering.publishTenants()
      expect(await request(metering, overrides)).toMatchObject({ export: null, userErrors: [{ code, field: [field] }] })
    })
  }

  test('of a tenant that does not exist is refused to an operator too', async () => {
    const metering = await startMetering()
    expect(await request(metering, {}, operator)).toMatchObject({ export: null, userErrors: [{ code: 'NOT_FOUND' }] })
  })

  test('by a viewer is denied, and recorded', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    expect((await request(metering, {}, member(TENANT, 'viewer'))).codes).toEqual(['FORBIDDEN'])
    const audited = await metering.database.read({ role: 'operator' }, (tx) =>
      tx.execute(sql`select action, decision from audit_log`),
    )
    expect(audited).toEqual([{ action: 'requestExport', decision: 'denied' }])
  })

  test('that is dry checks everything and stores nothing', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    expect(await request(metering, { dryRun: true, idempotencyKey: 'k' })).toMatchObject({
      export: null,
      userErrors: [],
    })
    expect(await request(metering, { dryRun: true, to: at(-1) })).toMatchObject({
      userErrors: [{ code: 'RANGE_INVALID' }],
    })
    const stored = await metering.database.read({ role: 'operator' }, (tx) => tx.execute(sql`select 1 from exports`))
    expect(stored).toEqual([])
  })

  test('under the same key is the same export, and with another input a conflict', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    const first = await request(metering, { idempotencyKey: 'k' })
    expect((await request(metering, { idempotencyKey: 'k' })).export?.id).toBe(first.export?.id)
    expect(await request(metering, { idempotencyKey: 'k', format: 'JSONL' })).toMatchObject({
      userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    })
  })
})

describe('a finished export', () => {
  const download = async (metering: Metering, id: string, as: Claims) =>
    metering.subgraph.download?.(id, await metering.subgraphTokens.issue(as, 60))

  test('is given to those who may read it, by a name and a type', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering, { format: 'PARQUET' })
    const file = await readFile(join(metering.exportsDir, `${id}.parquet`))
    for (const as of [me, member(TENANT, 'viewer'), operator]) {
      const given = await download(metering, id, as)
      expect(given).toMatchObject({
        fileName: 'intervals-2026-03-01-to-2026-03-02.parquet',
        contentType: 'application/vnd.apache.parquet',
        sizeBytes: file.length,
      })
      expect(given && (await buffer(given.content())).equals(file)).toBe(true)
    }
  })

  test('is not there for another tenant, as query, entity or download', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    const stranger = member(idOf('tenant', 2), 'tenant-admin', 'other')
    expect(await download(metering, id, stranger)).toBeNull()
    expect(await download(metering, id, { kind: 'agent', subject: 'agent', cluster: 'local' })).toBeNull()
    expect(await look(metering, id, stranger)).toEqual({ found: null, codes: ['NOT_FOUND'] })
    const entity = await metering.ask<{ _entities: unknown[] }>(
      stranger,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Export { state } } }',
      { of: [{ __typename: 'Export', id }] },
    )
    expect(entity).toMatchObject({ data: { _entities: [null] }, codes: ['NOT_FOUND'] })
  })

  test('that nobody has made, or whose file is gone, is not there', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    expect(await download(metering, idOf('export', 9), me)).toBeNull()
    expect(await download(metering, '../etc/passwd', me)).toBeNull()
    await rm(join(metering.exportsDir, `${id}.csv`))
    expect(await download(metering, id, me)).toBeNull()
  })
})
