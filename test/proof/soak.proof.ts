import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startMixedLoad } from '../../bench/soak/mixedLoad.ts'
import { createSampler, type Sample } from '../../bench/soak/sample.ts'
import { startCloud } from '../testkit/cloud.ts'
import { probed } from '../testkit/probe.ts'
import { until } from '../testkit/until.ts'

const LOAD_SECONDS = 60
/** A client's idle connection that has not ended yet, a query's own timer. */
const SLACK = 4

test('after a minute of mixed load everything that was opened for it is closed again', async () => {
  const probeFile = join(tmpdir(), `sluice-soak-proof-${process.pid}`)
  const cloud = await startCloud(onTestFinished, { env: { SLUICE_LOG: 'silent', ...probed(probeFile) } })
  const tenants = [await cloud.tenant('acme'), await cloud.tenant('vision')]
  const programs = new Map([['sluice', cloud.program]])
  const sampler = await createSampler({ dataDir: cloud.dataDir, programs, databaseParent: cloud.program, probeFile })
  onTestFinished(sampler.close)
  const before = await sampler.take()

  const load = startMixedLoad({ cloud, tenants, seed: Number(process.env.SLUICE_SEED ?? 1) })
  await pause(LOAD_SECONDS * 1_000)
  const during = await sampler.take()
  await load.stop()
  expect(load.failures).toEqual([])
  expect(during['sluice sockets']).toBeGreaterThan((before['sluice sockets'] ?? 0) + SLACK)

  const isBack = (now: Sample) =>
    ['sluice files', 'sluice sockets', 'sluice timers', 'postgres connections'].every(
      (figure) => (now[figure] ?? 0) <= (before[figure] ?? 0) + SLACK,
    )
  // Clients keep idle connections for a while; what the gateway held for streams is gone at once.
  await until('handles and sockets are as many as before', sampler.take, isBack)
})
