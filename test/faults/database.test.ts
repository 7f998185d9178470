import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findPostmaster } from '../../platform/postgres/postmaster.ts'
import { smallDisk } from '../../platform/postgres/testkit/smallDisk.ts'
import { type Answer, about, codesOf } from '../testkit/answers.ts'
import { type Cloud, startCloud } from '../testkit/cloud.ts'
import type { SubmitJob } from '../testkit/cloudTenant.ts'
import { descendantsOf } from '../testkit/processTree.ts'
import { until } from '../testkit/until.ts'
import { checkLedger, checkStories, type Promised } from './promises.ts'

const quiet = { env: { SLUICE_LOG: 'silent' } }

test.concurrent('a database that answers nothing is said to be unavailable; when it goes on, everything does', async ({
  onTestFinished,
}) => {
  const cloud = await startCloud(onTestFinished, quiet)
  const acme = await cloud.tenant('acme')
  const running = await acme.submitJob({ runSeconds: 4 })
  await acme.eventsUntil(running, 'RUNNING')

  const database = await databaseProcesses(cloud)
  for (const pid of database) process.kill(pid, 'SIGSTOP')
  const key = { idempotencyKey: 'frozen', name: 'frozen' }
  const queries = [
    'query { jobs { totalCount } }',
    'query { tenants { edges { node { id } } } }',
    'query { queues { edges { node { id } } } }',
  ]
  const [submission, ...answers] = await Promise.all([
    acme.trySubmit(key),
    ...queries.map((query) => cloud.ask<object>(acme.token, query)),
  ])
  for (const answer of [submission, ...answers] as Answer<object>[]) {
    expect(codesOf(answer), about(answer)).toEqual(['SERVICE_UNAVAILABLE'])
    expect(answer.errors?.[0]?.extensions.requestId).toBe(answer.requestId)
  }

  for (const pid of database) process.kill(pid, 'SIGCONT')
  const promised: Promised = { jobs: new Map([['running', running]]), cancelled: new Set() }
  promised.jobs.set('frozen', await acme.submitJob(key))
  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)
})

test.concurrent('a database that dies ends the program, which says why; the next start goes on', async ({
  onTestFinished,
}) => {
  const cloud = await startCloud(onTestFinished, quiet)
  const acme = await cloud.tenant('acme')
  const job = await acme.submitJob({ runSeconds: 3 })
  await acme.eventsUntil(job, 'RUNNING')

  const [postmaster = 0] = await databaseProcesses(cloud)
  process.kill(postmaster, 'SIGKILL')
  expect((await cloud.program.ended).code).toBe(1)
  expect(cloud.program.stderr()).toMatch(/Postgres ended by itself/)
  expect(cloud.program.stderr()).toMatch(/Start Sluice again/)
  expect(cloud.program.stderr()).not.toMatch(/^ +at /m)

  await cloud.restart()
  const promised: Promised = { jobs: new Map([['job', job]]), cancelled: new Set() }
  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)
})

test('a database whose disk is full refuses what it cannot keep; with room again, what was acknowledged is there', async (t) => {
  const dataDir = await smallDisk(t, 300)
  const cloud = await startCloud(onTestFinished, { ...quiet, dataDir })
  const acme = await cloud.tenant('acme')
  const promised: Promised = { jobs: new Map(), cancelled: new Set() }
  for (const name of ['one', 'two']) promised.jobs.set(name, await acme.submitJob({ name, runSeconds: 3 }))
  const filler = join(dataDir, 'filler')
  const { bavail, bsize } = await statfs(dataDir)
  await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {})

  const refusal = await submitUntilRefused(async (idempotencyKey) => {
    const answer = await acme.trySubmit({ idempotencyKey, name: idempotencyKey, resources: { gpu: null } })
    const job = answer.data?.submitJob.job
    if (job) promised.jobs.set(idempotencyKey, job.id)
    return answer
  })
  if (refusal !== 'ended') expect(codesOf(refusal), about(refusal)).toEqual(['SERVICE_UNAVAILABLE'])

  await rm(filler)
  if (await endsBeforeItAnswers(cloud, acme.token)) {
    expect(cloud.program.stderr()).toMatch(/full/)
    await cloud.restart()
  }
  promised.jobs.set('after', await acme.submitJob({ name: 'after' }))
  for (const [key, id] of promised.jobs) {
    expect((await acme.eventsUntil(id, 'SUCCEEDED')).at(-1)?.type, key).toBe('SUCCEEDED')
  }
})

const MAX_SUBMISSIONS = 3_000

/** @returns the first answer that is no acceptance, or that there came none because the program has ended */
async function submitUntilRefused(
  submit: (key: string) => Promise<Answer<SubmitJob>>,
): Promise<Answer<SubmitJob> | 'ended'> {
  for (let number = 0; number < MAX_SUBMISSIONS; number += 1) {
    const answer = await submit(`full-${number}`).catch(() => 'ended' as const)
    if (answer === 'ended' || answer.errors || !answer.data?.submitJob.job) return answer
  }
  throw new Error(`the disk took ${MAX_SUBMISSIONS} jobs and was never full`)
}

/** A database that finds no room for its log stops; for all else it refuses the change and goes on. */
async function endsBeforeItAnswers(cloud: Cloud, token: string): Promise<boolean> {
  const answers = () =>
    cloud.ask<object>(token, 'query { jobs { totalCount } }').then(
      ({ errors }) => errors === undefined,
      () => false,
    )
  return Promise.race([
    cloud.program.ended.then(() => true),
    until('it answers again', answers, Boolean).then(
      () => false,
      () => false,
    ),
  ])
}

/** The server, and its children. */
async function databaseProcesses({ dataDir }: Cloud): Promise<number[]> {
  const postmaster = await findPostmaster(join(dataDir, 'postgres'))
  if (postmaster === null) throw new Error('no database runs')
  return [postmaster, ...(await descendantsOf(postmaster))]
}
