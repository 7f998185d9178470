import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { startMixedLoad } from '../../bench/soak/mixedLoad.ts'
import { createSampler, type Sample } from '../../bench/soak/sample.ts'
import { startCloud } from '../testkit/cloud.ts'
import { probed } from '../testkit/probe.ts'
import { until } from '../testkit/until.ts'

const LOAD_SECONDS = 60
/** The pools of database connections grow with the first load and stay; what leaks by the stream is far more. */
const SLACK = 16

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

  // The clients' own idle connections; the next request makes new ones.
  const clients = getGlobalDispatcher()
  setGlobalDispatcher(new Agent())
  await clients.close()

  const figures = ['sluice files', 'sluice sockets', 'sluice timers', 'postgres connections'] as const
  const open = (sample: Sample) => figures.map((figure) => sample[figure] ?? 0)
  const [bounds, look] = [open(before), async () => open(await sampler.take())]
  await until(`${figures} are as before: ${bounds}`, look, (now) =>
    now.every((count, at) => count <= (bounds[at] ?? 0) + SLACK),
  )
})
