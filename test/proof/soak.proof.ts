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
/** Fills the pools of connections, which keep their size. */
const WARM_UP_SECONDS = 15
/** A timer of the moment, the agent's next request. */
const SLACK = 4

test('after a minute of mixed load everything that was opened for it is closed again', async () => {
  const probeFile = join(tmpdir(), `sluice-soak-proof-${process.pid}`)
  const cloud = await startCloud(onTestFinished, { env: { SLUICE_LOG: 'silent', ...probed(probeFile) } })
  const tenants = [await cloud.tenant('acme'), await cloud.tenant('vision')]
  const programs = new Map([['sluice', cloud.program]])
  const sampler = await createSampler({ dataDir: cloud.dataDir, programs, databaseParent: cloud.program, probeFile })
  onTestFinished(sampler.close)
  const seed = Number(process.env.SLUICE_SEED ?? 1)
  /** @returns what is open at the end of it, while the load still runs */
  const underLoad = async (seconds: number, seed: number) => {
    const load = startMixedLoad({ cloud, tenants, seed })
    await pause(seconds * 1_000)
    const during = await sampler.take()
    await load.stop()
    expect(load.failures).toEqual([])
    // The clients' own idle connections; the next request makes new ones.
    const clients = getGlobalDispatcher()
    setGlobalDispatcher(new Agent())
    await clients.close()
    return during
  }
  await underLoad(WARM_UP_SECONDS, seed + 1)
  const before = await sampler.take()
  const during = await underLoad(LOAD_SECONDS, seed)
  expect(during['sluice sockets']).toBeGreaterThan((before['sluice sockets'] ?? 0) + SLACK)

  const figures = ['sluice files', 'sluice sockets', 'sluice timers', 'postgres connections'] as const
  const open = (sample: Sample) => figures.map((figure) => sample[figure] ?? 0)
  const [bounds, look] = [open(before), async () => open(await sampler.take())]
  await until(`${figures} are as before: ${bounds}`, look, (now) =>
    now.every((count, at) => count <= (bounds[at] ?? 0) + SLACK),
  )
})
