import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'
import { findPostmaster } from '../../platform/postgres/postmaster.ts'
import { startCloud } from '../testkit/cloud.ts'
import { runProgram } from '../testkit/program.ts'
import { seeded } from '../testkit/seeded.ts'
import { until } from '../testkit/until.ts'
import { checkLedger, checkStories, type Promised } from './promises.ts'
import { startWorkload } from './workload.ts'

/** A failure is run again with the seed that its name tells. */
const seed = Number(process.env.SLUICE_SEED ?? 5)
const KILLS = 4
/** What is under way when it is killed. */
const MOMENTS = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'] as const
const MAX_EVENTS_BEFORE = 5

test(`killed ${KILLS} times amid its work, it keeps all that it acknowledged (SLUICE_SEED=${seed})`, async () => {
  const random = seeded(seed)
  const cloud = await startCloud(onTestFinished, { env: { SLUICE_LOG: 'silent' } })
  const acme = await cloud.tenant('acme')
  const promised: Promised = { jobs: new Map(), cancelled: new Set() }
  for (let kill = 0; kill < KILLS; kill += 1) {
    const workload = startWorkload({ tenant: acme, random, promised, batch: `round-${kill}` })
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'RUNNING'
    await acme.nextEvents(moment, 1 + Math.floor(random() * MAX_EVENTS_BEFORE))
    await cloud.kill()
    await workload.stop()
    await cloud.restart()
    await workload.repeatUnanswered()
  }
  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)
})

test('killed while it starts, it starts the next time', async () => {
  const cloud = await startCloud(onTestFinished, { env: { SLUICE_LOG: 'silent' } })
  const acme = await cloud.tenant('acme')
  const job = await acme.submitJob({ runSeconds: 2 })
  await cloud.kill()
  for (const moment of [0, 1]) {
    const starting = runProgram(['up', '--no-tour'], { SLUICE_DATA: cloud.dataDir, SLUICE_PORT: '0' })
    const postgres = () => findPostmaster(join(cloud.dataDir, 'postgres'))
    await until('its database runs', postgres, (pid) => pid !== null)
    if (moment === 1) await starting.says(/ready/)
    await starting.kill()
  }
  await cloud.restart()
  const promised: Promised = { jobs: new Map([['before', job]]), cancelled: new Set() }
  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)
})
