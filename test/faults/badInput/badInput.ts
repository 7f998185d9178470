import { expect } from 'vitest'
import { about } from '../../testkit/answers.ts'
import { type Cloud, MODE, type Mode, startCloud } from '../../testkit/cloud.ts'
import { probe, probed } from '../../testkit/probe.ts'
import { attackOf } from './attacks.ts'
import { randomOf } from './random.ts'
import { type Target, targetOf } from './target.ts'

interface BadInput {
  seed: number
  cases: number
  mode?: Mode
  /** One case alone, to look at it again. */
  only?: number | undefined
  onEnd: (run: () => Promise<void>) => void
}

/** Cases under way at a time; after each so many, a good request has to be answered well. */
const BATCH = 25
/** Of all cases, after which caches are taken to be full. */
const WARM_UP = 0.3
const MAX_GROWTH_BYTES = 24_000_000

/** Rates are not what is looked at here: they would keep most of the cases out. */
const NO_RATES = {
  SLUICE_TENANT_COST_PER_SECOND: '1000000000',
  SLUICE_ANONYMOUS_REQUESTS_PER_SECOND: '1000000000',
  SLUICE_LINK_REQUESTS_PER_SECOND: '1000000000',
}

/** Sends malformed requests at every way in, and expects that nothing comes of it but good refusals. */
export async function endureBadInput({ seed, cases, mode = MODE, only, onEnd }: BadInput): Promise<void> {
  const file = `${process.env.TMPDIR ?? '/tmp'}/sluice-probe-${process.pid}-${seed}`
  // Quarantined records are logged as errors, which they are: of the agent's.
  const cloud = await startCloud(onEnd, {
    mode,
    env: { SLUICE_LOG: process.env.SLUICE_LOG ?? 'silent', ...NO_RATES, ...probed(file) },
  })
  const target = await targetOf(cloud)
  if (only !== undefined) return expect(await faultsOfCase(target, seed, only)).toEqual([])

  const warmUp = Math.floor((cases * WARM_UP) / BATCH) * BATCH
  const faults = await attackAll(cloud, target, { seed, from: 0, to: warmUp })
  const before = await probe(cloud.program, file)
  faults.push(...(await attackAll(cloud, target, { seed, from: warmUp, to: cases })))
  const after = await probe(cloud.program, file)
  expect(faults, `Look at one again with SLUICE_SEED=${seed} SLUICE_CASE=<its number>`).toEqual([])
  const held = ({ heapBytes, externalBytes }: typeof before) => heapBytes + externalBytes
  expect(held(after) - held(before)).toBeLessThan(MAX_GROWTH_BYTES)
  expect(openStreamsOf(after)).toBeLessThanOrEqual(openStreamsOf(before) + BATCH)
}

async function attackAll(
  cloud: Cloud,
  target: Target,
  { seed, from, to }: { seed: number; from: number; to: number },
): Promise<string[]> {
  const faults: string[] = []
  for (let first = from; first < to; first += BATCH) {
    const count = Math.min(BATCH, to - first)
    const found = Array.from({ length: count }, (_, index) => faultsOfCase(target, seed, first + index))
    faults.push(...(await Promise.all(found)).flat())
    if (faults.length > 20) break
    await answersWell(cloud, target)
  }
  return faults
}

async function faultsOfCase(target: Target, seed: number, index: number): Promise<string[]> {
  const { way, text, run } = attackOf(target, randomOf(seed, index))
  const faults = await run().catch((error) => [`it failed: ${error}`])
  return faults.map((fault) => `case ${index}, ${way}: ${fault}\n${text}\n`)
}

async function answersWell({ ask }: Cloud, { tenant, jobId }: Target): Promise<void> {
  const answer = await ask<{ job: { phase: string } }>(tenant.token, 'query ($id: ID!) { job(id: $id) { phase } }', {
    id: jobId,
  })
  expect([answer.status, answer.data?.job.phase], about(answer)).toEqual([200, 'SUCCEEDED'])
}

/** Connections and what hangs on them; the clients' idle ones are kept for a while. */
function openStreamsOf({ resources }: Awaited<ReturnType<typeof probe>>): number {
  return resources.TCPSocketWrap ?? 0
}
