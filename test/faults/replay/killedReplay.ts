import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interval } from '../../../bin/replay/exportFile.ts'
import type { Finding } from '../../../bin/replay/judge.ts'
import type { Workload } from '../../../bin/replay/load.ts'
import { createClients } from '../../../bin/replay/tenants.ts'
import { createClockFile } from '../../../platform/clockFile.ts'
import { wallClock } from '../../../platform/clocks.ts'
import { createTokens } from '../../../platform/identity/identity.ts'
import { loadSecrets } from '../../../platform/identity/secrets.ts'
import { createLog } from '../../../platform/log.ts'
import { startCompute } from './compute.ts'
import { startControlRoles } from './controlRoles.ts'
import { type DataDisk, expectRefusedWrites } from './dataDisk.ts'
import { drive } from './drive.ts'
import { judgeLedger } from './judgeLedger.ts'
import { judgeSubscribers } from './judgeSubscribers.ts'
import { startKiller } from './killer.ts'
import type { Kill } from './kills.ts'
import { patientClient } from './patientClient.ts'
import type { SeenEvent } from './subscriber.ts'
import { startSubscribers } from './subscribers.ts'

export interface KilledReplayOptions {
  workload: Workload
  /** In the order of their submissions. */
  kills: readonly Kill[]
  /** The one under Postgres, where a kill is of the disk. */
  disk?: DataDisk
  /** When the agent is cut off from the control plane, in seconds of the workload. */
  cutOff?: { fromSeconds: number; forSeconds: number }
  onEnd: (run: () => Promise<void>) => void
}
export interface KilledReplayResult {
  kills: readonly Kill[]
  findings: Finding[]
  /** What was held, by the ledger. */
  intervals: Interval[]
  /** Of all tenants, in their order: each with the domain time at which it was seen. */
  events: (SeenEvent & { seenAtMs: number })[]
  /** Streams that were taken up again and went on. */
  resumptions: number
}

/** The workload's second 0 in domain time. */
export const START_MS = Date.UTC(2026, 0, 1)
const TOKEN_SECONDS = 12 * 3_600
const LOG_LEVEL = process.env.SLUICE_LOG ?? 'silent'
const ENVIRONMENT = {
  SLUICE_LOG: LOG_LEVEL,
  // What a day's load pressed into a minute comes to is no tenant's fair share.
  SLUICE_TENANT_COST_PER_SECOND: '1000000',
  SLUICE_LINK_REQUESTS_PER_SECOND: '100000',
}

/**
 * A replay in discrete-event time over roles in processes of their own, which are killed one after the
 * other; and then held against the cluster's own account, as one that was left alone.
 */
export async function killedReplay(options: KilledReplayOptions): Promise<KilledReplayResult> {
  const { workload, kills, disk, cutOff, onEnd } = options
  const folder = await mkdtemp(join(tmpdir(), 'sluice-'))
  onEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  const clockPath = join(folder, 'time')
  const clock = createClockFile(clockPath, START_MS)
  onEnd(async () => clock.close())

  const control = await startControlRoles({ dataDir: disk?.dataDir ?? folder, clockPath, env: ENVIRONMENT })
  onEnd(control.killAll)
  const clientSecret = (await loadSecrets(disk?.dataDir ?? folder)).client
  const clusterDir = join(folder, 'cluster')
  await mkdir(clusterDir)
  const compute = startCompute({
    settings: {
      url: control.url,
      clientSecret,
      clusterName: 'replay',
      nodes: workload.nodes,
      clusterDir,
      startupSeconds: 0,
      logLevel: LOG_LEVEL,
    },
    nowMs: clock.nowMs,
  })
  onEnd(compute.kill)

  const tokens = createTokens({ secret: clientSecret, audience: 'client', wall: wallClock })
  const clients = await createClients(patientClient(control.url), tokens)
  const operatorToken = await tokens.issue({ kind: 'operator', subject: 'watcher' }, TOKEN_SECONDS)
  const killer = startKiller({
    kills,
    async kill(role) {
      if (role === 'agent') return compute.kill()
      if (role !== 'disk') return control.kill(role)
      await disk?.fill()
      if (disk) await expectRefusedWrites(control.url, operatorToken, disk)
    },
    async start(role) {
      if (role === 'agent') return compute.start()
      if (role !== 'disk') return control.start(role)
      await disk?.empty()
      if (disk?.log !== 'on the same disk') return
      // It has ended, or is about to: whoever looks after a database starts it again.
      await control.kill('postgres')
      await control.start('postgres')
    },
    log: createLog(LOG_LEVEL),
  })
  const events: KilledReplayResult['events'] = []
  const subscribers = await startSubscribers({
    url: control.url,
    clients,
    operatorToken,
    onEvent(event) {
      events.push({ ...event, seenAtMs: clock.nowMs() })
      killer.seen(event.type)
    },
  })
  onEnd(async () => subscribers.stop())

  // What the replay would wait for in vain is said at once.
  const { refused, jobsByTenant } = await Promise.race([
    drive({ clock, compute, killer, clients, workload, startMs: START_MS, cutOff }),
    killer.failed,
    control.died,
  ])
  const range = { from: new Date(START_MS), to: new Date(clock.nowMs() + 1_000) }
  const ledger = await judgeLedger({ compute, clients, refused, range, pods: workload.pods.length, folder })
  const told = await Promise.race([judgeSubscribers(subscribers, jobsByTenant), control.died])
  return {
    kills: killer.done,
    findings: [...ledger.findings, ...told],
    intervals: ledger.intervals,
    events,
    resumptions: subscribers.all.reduce((sum, each) => sum + each.resumptions, 0),
  }
}
