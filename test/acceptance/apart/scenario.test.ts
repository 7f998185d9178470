import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startCloud } from '../../testkit/cloud.ts'
import { runProgram } from '../../testkit/program.ts'
import { until } from '../../testkit/until.ts'

test('six processes run a job from the mutation to the ledger, and end in order', async () => {
  const cloud = await startCloud(afterAll, { mode: 'apart' })
  const acme = await cloud.tenant('acme')
  const events = await acme.eventsUntil(await acme.submitJob(), 'METERED')
  expect(events.map(({ type }) => type)).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
  const query = 'subscription Events($after: Cursor) { jobEvents(after: $after) { type } }'
  const stream = cloud.subscribe<object>(acme.token, query, { after: events[0]?.cursor })
  await stream.next() // it is open
  const answers = Array.fromAsync(stream)
  expect((await cloud.interrupt()).code).toBe(0)
  expect((await answers).at(-1)?.errors?.[0]?.extensions.code).toBe('GOING_AWAY')
  for (const name of ['tenants', 'inventory', 'jobs', 'metering', 'agent'] as const)
    expect((await cloud.roles.process(name).ended).code, name).toBe(0)
})

describe('a role that is started before what it needs', () => {
  /** Nothing listens there. */
  const nowhere = 'http://127.0.0.1:9'
  const others = Object.fromEntries(
    ['TENANTS', 'INVENTORY', 'JOBS', 'METERING'].map((name) => [`SLUICE_${name}_URL`, nowhere]),
  )

  async function start(args: string[], env: Record<string, string>) {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'))
    const program = runProgram(args, { SLUICE_DATA: folder, SLUICE_PORT: '0', SLUICE_LOG: 'warn', ...others, ...env })
    onTestFinished(async () => {
      await program.kill()
      await rm(folder, { recursive: true, force: true })
    })
    return program
  }

  test('the gateway serves, and is not ready until it has met every subgraph', async () => {
    const program = await start(['gateway'], {})
    const [, url = '', opsUrl = ''] = await program.says(/ready: (\S+) \(operations: (\S+)\)/)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const readiness = await fetch(`${opsUrl}/readyz`)
    expect(readiness.status).toBe(503)
    const missing = await readiness.text()
    for (const name of ['tenants', 'inventory', 'jobs', 'metering'])
      expect(missing).toContain(`waits for the subgraph ${name}`)
    expect((await program.interrupt()).code).toBe(0)
  })

  test('a subgraph waits for its database, says so, and can be told to stop', async () => {
    const program = await start(['subgraph', 'jobs'], { DATABASE_URL: 'postgres://127.0.0.1:9/sluice' })
    await until(
      'it says what it waits for',
      async () => program.stderr(),
      (said) => said.includes('waits for the database'),
    )
    expect((await program.interrupt()).code).toBe(0)
  })
})

describe('a start that cannot be', () => {
  const starts: Record<string, [args: string[], env: Record<string, string>, says: RegExp]> = {
    'migrations of no database': [['migrate'], {}, /DATABASE_URL/],
    'a subgraph of no database': [['subgraph', 'jobs'], {}, /DATABASE_URL/],
    'a subgraph as an administrator': [
      ['subgraph', 'jobs'],
      { DATABASE_URL: 'postgres://postgres@h/db' },
      /logs in as sluice_jobs/,
    ],
    'a subgraph that there is not': [['subgraph', 'billing'], {}, /tenants, inventory, jobs, metering/],
    'an agent of no cluster': [['agent', '--simulated'], {}, /--cluster NAME/],
    'an agent of two clusters': [
      ['agent', '--cluster', 'a', '--simulated', '--in-cluster'],
      {},
      /one of --kubeconfig FILE, --in-cluster, --simulated/,
    ],
    'an agent without a token': [['agent', '--cluster', 'a', '--simulated'], {}, /SLUICE_TOKEN_FILE/],
    'a secret that is short': [['gateway'], { SLUICE_CLIENT_SECRET: 'short' }, /openssl rand/],
    'a secret in no file': [['gateway'], { SLUICE_CLIENT_SECRET_FILE: '/nowhere' }, /SLUICE_CLIENT_SECRET_FILE/],
  }
  for (const [name, [args, env, says]] of Object.entries(starts)) {
    test(`${name} is refused with what to do`, async () => {
      const program = runProgram(args, env)
      expect((await program.ended).code).toBe(1)
      expect(program.stderr()).toMatch(says)
      expect(program.stderr()).not.toMatch(/^ +at /m)
    })
  }
})
