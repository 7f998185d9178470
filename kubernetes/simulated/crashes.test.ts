import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decimal } from 'decimal.js'
import { assert, expect, test } from 'vitest'
import { type DiscreteClock, discreteClock } from '../../platform/clocks.ts'
import { annotations } from '../names.ts'
import type { Pod } from '../objects.ts'
import { hash32 } from './api/identifiers.ts'
import { hasFinished } from './controllers/jobs/finish.ts'
import { gpuNode, START_MS, startTestCluster, TENANT, type TestCluster, testJob, UNSUSPEND } from './testkit.ts'

const SEEDS = ['a', 'b', 'c', 'd']
const JOBS = 6
const CRASHES = 5

/** A scheduler that looks at everything again and again: whole devices, first come. */
async function schedule(cloud: TestCluster): Promise<void> {
  await cloud.settle()
  const { items: jobs } = await cloud.cluster.list('Job', { namespace: 't' })
  for (const { metadata, spec } of jobs) {
    if (spec?.suspend) await cloud.cluster.patch('Job', { namespace: 't', name: metadata.name as string }, UNSUSPEND)
  }
  await cloud.settle()
  const pods = await cloud.pods()
  const taken = new Set(pods.filter(({ status }) => status?.phase !== 'Succeeded').map(deviceIndexOf))
  for (const pod of pods.filter(({ spec }) => !spec?.nodeName)) {
    const free = [0, 1, 2, 3].find((index) => !taken.has(index))
    if (free === undefined) break
    taken.add(free)
    await cloud.bind(pod, gpuNode.name, [free])
  }
  await cloud.settle()
}

function deviceIndexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[annotations.devices]
  return text === undefined ? undefined : JSON.parse(text)[0].index
}

/** What is on disk at this moment, perhaps with the last write cut off. */
function crashed(dir: string, number: number, isTorn: boolean): string {
  const copy = join(dir, '..', `crash-${number}`)
  cpSync(dir, copy, { recursive: true })
  const last = join(copy, readdirSync(copy).sort()[0] as string)
  if (isTorn) truncateSync(last, Math.max(0, statSync(last).size - 40))
  return copy
}

for (const seed of SEEDS) {
  test(`through crashes at any moment every index runs once to its end, and the account adds up (seed ${seed})`, async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
    let dir = join(home, 'first')
    const clock: DiscreteClock = discreteClock(START_MS)
    let cloud = await startTestCluster({ journalDir: dir, clock, startupSeconds: 2 })
    for (let job = 0; job < JOBS; job++) {
      const env = { SIM_RUN_SECONDS: String(5 + (hash32(`${seed}/run/${job}`) % 40)) }
      const wanted = testJob({ gpus: 1, env, spec: { completions: 2, parallelism: 2 } })
      await cloud.cluster.apply('Job', { ...wanted, metadata: { namespace: 't', name: `job-${job}` } })
    }
    for (let crash = 0; crash < CRASHES; crash++) {
      const random = hash32(`${seed}/crash/${crash}`)
      await schedule(cloud)
      await cloud.pass(1 + (random % 13))
      if (random % 2 === 0) await schedule(cloud)
      dir = crashed(dir, crash, random % 3 === 0)
      await cloud.stop()
      cloud = await startTestCluster({ journalDir: dir, clock, startupSeconds: 2 })
    }
    for (let round = 0; round < 50; round++) {
      await schedule(cloud)
      await cloud.pass(10)
    }
    const { items: jobs } = await cloud.cluster.list('Job', { namespace: 't' })
    assert.equal(jobs.length, JOBS)
    for (const job of jobs) {
      assert.isTrue(hasFinished(job), `${job.metadata.name} is not finished`)
      expect(job.status).toMatchObject({ succeeded: 2, completedIndexes: '0,1' })
      assert.isUndefined(job.status?.failed)
    }
    const pods = await cloud.pods()
    assert.equal(pods.length, 2 * JOBS)
    const held = pods.reduce((sum, pod) => sum.plus(heldSeconds(pod)), new Decimal(0))
    expect(cloud.account()).toMatchObject({ gpuSecondsByTenant: new Map([[TENANT, held.toFixed()]]), pods: 2 * JOBS })
    assert.isAtMost(Math.max(...cloud.account().peakByDevice.values()), 1_000)
    await cloud.stop()
    rmSync(home, { recursive: true })
  })
}

function heldSeconds({ metadata, status }: Pod): number {
  const admittedAt = metadata.annotations?.[annotations.admittedAt] as string
  const finishedAt = status?.containerStatuses?.[0]?.state?.terminated?.finishedAt as string
  return Math.floor(Date.parse(finishedAt) / 1_000) - Math.floor(Date.parse(admittedAt) / 1_000)
}
