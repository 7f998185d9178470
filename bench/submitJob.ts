/**
 * submitJob through the running program on embedded defaults, open loop: requests begin at their
 * time whether or not earlier ones are answered, and latency counts from that time. Jobs run for a
 * second each on the simulated cluster meanwhile, so directives, scheduling and metering are paid for.
 *
 *   node bench/submitJob.ts [--json] [--rate N] [--seconds N] [--apart]
 *
 * `--apart` runs each role in a process of its own instead.
 * Budget: 200 a second, p95 ≤ 50 ms. `--json` prints the result alone, as kept in bench/results/submitJob.json.
 */
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { startCloud } from '../test/testkit/cloud.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    apart: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const WARM_UP_SECONDS = 5
const SUBMIT =
  'mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id phase } userErrors { code message } } }'

const ends: (() => Promise<void>)[] = []
const cloud = await startCloud((end) => ends.push(end), { mode: values.apart ? 'apart' : 'whole' })
const dispatcher = new Agent({ connections: 64, pipelining: 1 })
try {
  const { projectId, token } = await openProject()
  const submit = async (number: number): Promise<boolean> => {
    const { statusCode, body } = await request(`${cloud.url}/graphql`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: SUBMIT, variables: { input: inputOf(projectId, number) } }),
    })
    const answer = (await body.json()) as { data?: { submitJob?: { job: object | null } } }
    return statusCode === 200 && answer.data?.submitJob?.job != null
  }
  await openLoop(rate, WARM_UP_SECONDS, submit)
  const { latenciesMs, failed } = await openLoop(rate, seconds, (number) => submit(number + rate * WARM_UP_SECONDS))
  const result = {
    bench: values.apart ? 'submitJob, roles apart' : 'submitJob',
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    node: process.version,
    ratePerSecond: rate,
    seconds,
    failed,
    latencyMs: spread(latenciesMs),
  }
  console.log(values.json ? JSON.stringify(result, null, 2) : result)
} finally {
  await dispatcher.close()
  for (const end of ends) await end()
}

function inputOf(projectId: string, number: number) {
  return {
    projectId,
    queue: 'default',
    name: `bench-${number}`,
    image: 'bench',
    env: [{ name: 'SIM_RUN_SECONDS', value: '1' }],
    resources: { cpu: '1', memoryMiB: 1024, gpu: { share: '0.1' } },
    idempotencyKey: `bench-${number}`,
  }
}

async function openProject(): Promise<{ projectId: string; token: string }> {
  const tenant = await cloud.tenant('bench')
  return { projectId: tenant.projectId, token: await cloud.member(tenant, 'developer') }
}

async function openLoop(perSecond: number, forSeconds: number, send: (number: number) => Promise<boolean>) {
  const latenciesMs: number[] = []
  let failed = 0
  const startedMs = performance.now()
  const sent: Promise<void>[] = []
  for (let number = 0; number < perSecond * forSeconds; number += 1) {
    const dueMs = startedMs + (number * 1_000) / perSecond
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await pause(earlyMs)
    sent.push(
      send(number).then(
        (isGood) => {
          latenciesMs.push(performance.now() - dueMs)
          if (!isGood) failed += 1
        },
        () => {
          failed += 1
        },
      ),
    )
  }
  await Promise.all(sent)
  return { latenciesMs, failed }
}

function spread(values: number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) * 10) / 10
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
