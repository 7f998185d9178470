import { join } from 'node:path'
import { test } from 'vitest'
import { findPostmaster } from '../../platform/postgres/postmaster.ts'
import { startCloud } from '../testkit/cloud.ts'
import { runProgram } from '../testkit/program.ts'
import { until } from '../testkit/until.ts'
import { killAmidWork } from './killAmidWork.ts'
import { checkLedger, checkStories, type Promised } from './promises.ts'

/** A failure is run again with the seed that its name tells; the proof lane runs more of them. */
const seed = Number(process.env.SLUICE_SEED ?? 5)

test.concurrent(`killed three times amid its work, it keeps all that it acknowledged (SLUICE_SEED=${seed})`, ({
  onTestFinished,
}) => killAmidWork({ seed, kills: 3, onEnd: onTestFinished }))

test.concurrent('killed while it starts, it starts the next time', async ({ onTestFinished }) => {
  const cloud = await startCloud(onTestFinished, { env: { SLUICE_LOG: 'silent' } })
  const acme = await cloud.tenant('acme')
  const job = await acme.submitJob({ runSeconds: 2 })
  await cloud.kill()

  const starting = runProgram(['up', '--no-tour'], { SLUICE_DATA: cloud.dataDir, SLUICE_PORT: '0' })
  const postgres = () => findPostmaster(join(cloud.dataDir, 'postgres'))
  await until('its database runs', postgres, (pid) => pid !== null)
  await starting.kill()

  await cloud.restart()
  const promised: Promised = { jobs: new Map([['before', job]]), cancelled: new Set() }
  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)
})
