import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataOf } from '../../testkit/answers.ts'
import { type Cloud, MODE, startCloud } from '../../testkit/cloud.ts'
import type { JobEvent } from '../../testkit/cloudTenant.ts'
import { type IntervalRow, intervalsOf, secondsOf, sumOf } from '../../testkit/intervals.ts'
import { type Ending, runProgram } from '../../testkit/program.ts'
import { inTime, until } from '../../testkit/until.ts'

/**
 * One story: jobs, a backup amid them, more jobs, and then the database is lost. The cluster is not: it goes on
 * to a control plane that knows what it knew at the backup.
 */
const folder = await mkdtemp(join(tmpdir(), 'sluice-'))
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
const backupFolder = join(folder, 'backup')
const restoredDir = join(folder, 'restored')
const EVENTS = `subscription Events($after: Cursor, $jobId: ID) {
  jobEvents(after: $after, jobId: $jobId) { cursor at type reason message job { id phase } }
}`
const CHARGED = 'query Charged($id: ID!) { job(id: $id) { phase cost { amount complete } } }'
interface Charged {
  job: { phase: string; cost: { amount: string; complete: boolean } | null }
}
const RUN_SECONDS = 6
const JOBS = 'query Jobs { jobs(first: 50) { edges { node { id name phase } } } }'
interface Jobs {
  jobs: { edges: { node: { id: string; name: string; phase: string } }[] }
}

const original = await startCloud(afterAll)
const acme = await original.tenant('acme')
const finished = await acme.submitJob({ name: 'finished', replicas: 2, resources: { gpu: { count: 2 } } })
await acme.eventsUntil(finished, 'METERED')
const running = await acme.submitJob({ name: 'running', runSeconds: RUN_SECONDS })
const ending = await acme.submitJob({ name: 'ending', runSeconds: 2 })
for (const job of [running, ending]) await acme.eventsUntil(job, 'RUNNING')
const ledger = rowsOf(finished, await intervalsOf(original, acme))
const oldCursor = await acme.eventsCursor()
let restored: Cloud
let endRestored = async () => {}
afterAll(() => endRestored())

beforeAll(async () => {
  const { code, said } = await sluice(['backup', backupFolder], databaseOf(original))
  expect(code, said).toBe(0)
  expect(said).toMatch(/^\d+ rows of \d+ tables/m)

  await acme.eventsUntil(ending, 'METERED')
  const after = await acme.submitJob({ name: 'after-the-backup', runSeconds: RUN_SECONDS })
  await acme.eventsUntil(after, 'RUNNING')
  await original.kill()

  const restoring = await sluice(['restore', backupFolder], { SLUICE_DATA: restoredDir })
  expect(restoring.code, restoring.said).toBe(0)
  for (const kept of ['cluster', 'secrets.json'])
    await cp(join(original.dataDir, kept), join(restoredDir, kept), { recursive: true })
  const onEnd = (run: () => Promise<void>) => {
    endRestored = run
  }
  restored = await startCloud(onEnd, { dataDir: restoredDir })
})

test('what the ledger held at the backup it holds to the last digit', async () => {
  expect(rowsOf(finished, await intervalsOf(restored, acme))).toEqual(ledger)
})

test('cursors of the lost history are refused with what to do', async () => {
  const stream = restored.subscribe<{ jobEvents: JobEvent }>(acme.token, EVENTS, { after: oldCursor })
  const refusal = await inTime('the old cursor is refused', stream.next())
  expect(refusal.value?.errors?.[0]).toMatchObject({
    message: expect.stringContaining('eventsCursor'),
    extensions: { code: 'CURSOR_EXPIRED' },
  })
})

test('a job that was running goes on, and is charged for all it held', async () => {
  const look = async () => dataOf(await restored.ask<Charged>(acme.token, CHARGED, { id: running })).job
  const { phase, cost } = await until('the job has ended and is charged', look, ({ cost }) => cost?.complete === true)
  expect(phase).toBe('SUCCEEDED')
  const rows = rowsOf(running, await intervalsOf(restored, acme))
  expect(rows).toHaveLength(1)
  expect(sumOf(rows, 'cost')).toBe(cost?.amount)
  expect(Number(sumOf(rows, 'gpu_seconds'))).toBe(rows.reduce((sum, row) => sum + secondsOf(row), 0))
  expect(Number(sumOf(rows, 'gpu_seconds'))).toBeGreaterThanOrEqual(RUN_SECONDS)
})

test('a job that came after the backup is there again, because the cluster has it', async () => {
  const { edges } = await jobs()
  expect(edges.filter(({ node }) => node.name.startsWith('after-the-backup'))).toHaveLength(1)
})

test('a job that ended after the backup is not run again; how it ended is not known any more', async () => {
  const { edges } = await jobs()
  const ofThatName = edges.filter(({ node }) => node.name.startsWith('ending'))
  expect(ofThatName).toMatchObject([{ node: { id: ending, phase: 'CANCELLED' } }])
})

test('new jobs run, and are followed by cursors of the new history', async () => {
  const developer = await restored.tenant('globex')
  const job = await developer.submitJob({ name: 'new' })
  const types = (await developer.eventsUntil(job, 'METERED')).map(({ type }) => type)
  expect(types.slice(-2)).toEqual(['SUCCEEDED', 'METERED'])
})

test('a database that holds anything is not restored into', async () => {
  const { code, said } = await sluice(['restore', backupFolder], databaseOf(restored))
  expect(code).toBe(1)
  expect(said).toMatch(/holds the schemas/)
  expect(said).not.toMatch(/^ +at /m)
})

async function jobs(): Promise<Jobs['jobs']> {
  return dataOf(await restored.ask<Jobs>(acme.token, JOBS)).jobs
}

function rowsOf(job: string, rows: readonly IntervalRow[]): IntervalRow[] {
  return rows.filter((row) => row.job === job)
}

/** How a command is told of the database of a cloud that runs. */
function databaseOf(cloud: Cloud): Record<string, string> {
  return MODE === 'apart' ? { DATABASE_URL: cloud.roles.databaseUrl } : { SLUICE_DATA: cloud.dataDir }
}

async function sluice(args: string[], env: Record<string, string>): Promise<Pick<Ending, 'code'> & { said: string }> {
  const program = runProgram(args, env)
  const { code } = await program.ended
  return { code, said: program.stdout() + program.stderr() }
}
