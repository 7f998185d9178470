import { startCloud } from '../testkit/cloud.ts'
import { seeded } from '../testkit/seeded.ts'
import { checkLedger, checkStories, type Promised } from './promises.ts'
import { startWorkload } from './workload.ts'

/** What is under way when it is killed. */
const MOMENTS = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'] as const
const MAX_EVENTS_BEFORE = 5

interface KillOptions {
  seed: number
  kills: number
  onEnd: (run: () => Promise<void>) => void
}

/**
 * Kills the whole program again and again while clients submit and cancel, each time at the n-th event of
 * some type, and starts it again.
 * @throws AssertionError where anything that was acknowledged is lost, doubled or charged wrongly
 */
export async function killAmidWork({ seed, kills, onEnd }: KillOptions): Promise<void> {
  const random = seeded(seed)
  const cloud = await startCloud(onEnd, { env: { SLUICE_LOG: 'silent' } })
  const tenant = await cloud.tenant('acme')
  const promised: Promised = { jobs: new Map(), cancelled: new Set() }
  for (let kill = 0; kill < kills; kill += 1) {
    const workload = startWorkload({ tenant, random, promised, batch: `round-${kill}` })
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'RUNNING'
    await tenant.nextEvents(moment, 1 + Math.floor(random() * MAX_EVENTS_BEFORE))
    await cloud.kill()
    await workload.stop()
    await cloud.restart()
    await workload.repeatUnanswered()
  }
  await checkStories(cloud, tenant, promised)
  await checkLedger(cloud, tenant, promised)
}
