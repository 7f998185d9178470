import { expect, test } from 'vitest'
import { query, testPostgres, untilSettled } from '../../test/testkit/database.ts'
import { putDirective, readDirectives } from './directives.ts'

const CLUSTER = 'cluster_1'

test('a position of another history is no position: all directives are told again', async () => {
  const server = await testPostgres()
  const { database, wakeups } = server.open('jobs')
  const read = (request: { after?: string; epoch?: string }) =>
    readDirectives(
      database,
      wakeups,
      { clusterId: CLUSTER, limit: 10, waitMs: 0, ...request },
      new AbortController().signal,
    )
  await database.write({ role: 'ingest' }, (tx) =>
    putDirective(tx, CLUSTER, { kind: 'Job', key: 'a', tenantId: null, body: null }),
  )
  await untilSettled(database)
  const first = await read({})
  expect(first.directives).toMatchObject([{ key: 'a' }])
  const after = first.position
  expect(await read({ after, epoch: first.epoch })).toMatchObject({ directives: [], position: after })
  expect(await read({ after })).toMatchObject({ directives: [], epoch: first.epoch })

  const ahead = '999999999.1'
  await query(server.connection(server.superuser), `update jobs.log_epoch set epoch = 'restored'`)
  expect(await read({ after: ahead, epoch: first.epoch })).toMatchObject({
    directives: [{ key: 'a' }],
    position: after,
    epoch: 'restored',
  })
})
