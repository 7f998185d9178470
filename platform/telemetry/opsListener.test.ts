import { pino } from 'pino'
import { assert, onTestFinished, test } from 'vitest'
import { count, record, sampled } from './metrics.ts'
import { OpsListenError, startOpsListener } from './opsListener.ts'

const log = pino({ level: 'silent' })

async function start(notReady: () => string[] = () => []) {
  const ops = await startOpsListener({ host: '127.0.0.1', port: 0, notReady, log })
  onTestFinished(() => ops.stop())
  return {
    ops,
    get: (path: string, init?: RequestInit) => fetch(`${ops.url}${path}`, init),
    lines: async () => (await (await fetch(`${ops.url}/metrics`)).text()).split('\n'),
  }
}

test('what is recorded is on /metrics, with its meaning and kind', async () => {
  const { lines } = await start()
  count('sluice_audit_events_total', { subgraph: 'jobs', outcome: 'allowed' })
  count('sluice_audit_events_total', { subgraph: 'jobs', outcome: 'allowed' }, 2)
  const text = await lines()
  assert.include(text, 'sluice_audit_events_total{subgraph="jobs",outcome="allowed"} 3')
  assert.include(text, '# TYPE sluice_audit_events_total counter')
  assert.isTrue(text.some((line) => line.startsWith('# HELP sluice_audit_events_total Audit records written')))
})

test('a histogram has the buckets of the catalogue, each with all that is below it', async () => {
  const { lines } = await start()
  for (const seconds of [0.0004, 0.003, 0.003, 99]) {
    record('sluice_scheduler_plan_duration_seconds', { replica_role: 'standalone' }, seconds)
  }
  const buckets = (await lines()).filter((line) => line.startsWith('sluice_scheduler_plan_duration_seconds_bucket'))
  assert.lengthOf(buckets, 13)
  const name = 'sluice_scheduler_plan_duration_seconds_bucket{replica_role="standalone",le='
  assert.equal(buckets[0], `${name}"0.0005"} 1`)
  assert.equal(buckets[3], `${name}"0.005"} 3`)
  assert.equal(buckets.at(-1), `${name}"+Inf"} 4`)
})

test('a gauge says what is so when it is read, and nothing of what is gone', async () => {
  const { lines } = await start()
  let queues = ['a', 'b']
  const end = sampled('sluice_admitted_workloads', (sample) => {
    for (const queue of queues) sample(queues.length, { queue, replica_role: 'standalone' })
  })
  const of = async () => (await lines()).filter((line) => line.startsWith('sluice_admitted_workloads{'))
  assert.lengthOf(await of(), 2)
  queues = ['b']
  assert.deepEqual(await of(), ['sluice_admitted_workloads{queue="b",replica_role="standalone"} 1'])
  end()
  assert.deepEqual(await of(), [])
})

test('the build and the process are told', async () => {
  const { lines } = await start()
  const text = await lines()
  assert.isTrue(text.some((line) => /^sluice_build_info\{version="[^"]+",node_version="[^"]+"\} 1$/.test(line)))
  assert.isTrue(text.some((line) => /^process_resident_memory_bytes \d+$/.test(line)))
})

test('readiness says what is waited for', async () => {
  const missing = ['the database']
  const { get } = await start(() => missing)
  const before = await get('/readyz')
  assert.deepEqual([before.status, await before.text()], [503, 'waits for the database\n'])
  missing.pop()
  assert.equal((await get('/readyz')).status, 200)
})

test('it is alive as long as it answers, and has nothing else', async () => {
  const { get } = await start(() => ['everything'])
  assert.equal((await get('/healthz')).status, 200)
  assert.equal((await get('/secrets')).status, 404)
  assert.equal((await get('/metrics', { method: 'POST' })).status, 405)
})

test('a page of something else is served beside its own, once there is one', async () => {
  const pages = new Map<string, () => string>()
  const ops = await startOpsListener({ host: '127.0.0.1', port: 0, notReady: () => [], pages, log })
  onTestFinished(() => ops.stop())
  const ask = () => fetch(`${ops.url}/dcgm/metrics`)
  assert.equal((await ask()).status, 404)
  pages.set('/dcgm/metrics', () => 'DCGM_FI_DEV_GPU_TEMP{gpu="0"} 31\n')
  const page = await ask()
  assert.include(page.headers.get('content-type'), 'version=0.0.4')
  assert.equal(await page.text(), 'DCGM_FI_DEV_GPU_TEMP{gpu="0"} 31\n')
})

test('a readiness that cannot be found out is an error of ours, not a crash', async () => {
  const { get } = await start(() => {
    throw new Error('no')
  })
  assert.equal((await get('/readyz')).status, 500)
  assert.equal((await get('/healthz')).status, 200)
})

test('a port that is taken is refused with how to mend it', async () => {
  const { ops } = await start()
  const refused = await startOpsListener({ host: '127.0.0.1', port: ops.port, notReady: () => [], log }).catch(
    (error) => error,
  )
  assert.instanceOf(refused, OpsListenError)
  assert.include(refused.fix, 'SLUICE_OPS_PORT')
})
