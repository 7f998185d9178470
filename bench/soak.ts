/**
 * Mixed load at a steady, modest rate for a long time: does anything go on growing? Samples memory,
 * heap, files, sockets, the event loop, and every table; what rises through the second half of the run
 * and is not kept on purpose fails it.
 *
 *   node bench/soak.ts [--minutes 60] [--apart] [--json]
 *
 * Linux only: processes are read from /proc. Results are kept in bench/results/soak.json and soak-apart.json.
 */
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SUBGRAPH_NAMES, type SubgraphName } from '../platform/link/protocol.ts'
import { judge } from './soak/judge.ts'
import { startMixedLoad } from './soak/mixedLoad.ts'
import { createSampler, type Sample } from './soak/sample.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    apart: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const EVERY_SECONDS = 10
const SEED = 1

if (values.apart) process.env.SLUICE_TEST_MODE = 'apart'
const { MODE, startCloud } = await import('../test/testkit/cloud.ts')
const { probed } = await import('../test/testkit/probe.ts')
const probeFile = join(tmpdir(), `sluice-soak-${process.pid}`)

const ends: (() => Promise<void>)[] = []
try {
  const cloud = await startCloud((end) => ends.unshift(end), { env: probed(probeFile) })
  const roleOf = (name: 'gateway' | 'agent' | SubgraphName) => [name, cloud.roles.process(name)] as const
  const sampler = await createSampler({
    dataDir: cloud.dataDir,
    programs: new Map(
      MODE === 'apart'
        ? ['gateway' as const, 'agent' as const, ...SUBGRAPH_NAMES].map(roleOf)
        : [['sluice', cloud.program]],
    ),
    databaseParent: MODE === 'apart' ? cloud.roles.process('postgres') : cloud.program,
    probeFile,
  })
  ends.unshift(sampler.close)
  const tenants = await Promise.all(['acme', 'vision', 'speech'].map((slug) => cloud.tenant(slug)))
  const loadAtStart = loadavg()[0]
  const load = startMixedLoad({ cloud, tenants, seed: SEED })
  const samples: Sample[] = []
  const endMs = performance.now() + Number(values.minutes) * 60_000
  while (performance.now() < endMs) {
    await pause(EVERY_SECONDS * 1_000)
    samples.push(await sampler.take())
    if (!values.json) console.log(`${samples.length * EVERY_SECONDS} s`, load.done, load.failures.length)
  }
  await load.stop()
  const courses = judge(samples, EVERY_SECONDS)
  const grows = courses.filter(({ verdict }) => verdict === 'grows')
  const result = {
    bench: values.apart ? 'soak, roles apart' : 'soak',
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    machineLoad: [loadAtStart, loadavg()[0]],
    node: process.version,
    minutes: Number(values.minutes),
    done: load.done,
    failures: load.failures,
    passed: grows.length === 0 && load.failures.length === 0,
    grows,
    courses: courses.filter(({ last, growthPerHour }) => last !== 0 || growthPerHour !== 0),
  }
  console.log(values.json ? JSON.stringify(result, null, 2) : result)
  process.exitCode = result.passed ? 0 : 1
} finally {
  for (const end of ends) await end()
}
