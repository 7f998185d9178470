import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { pino } from 'pino'
import { assert, onTestFinished, test } from 'vitest'
import type { Timers } from '../../platform/timers.ts'
import { aJob, aNode, aPod, aSnapshot } from '../../scheduler/testkit/builders.ts'
import { readSnapshot } from '../../scheduler/whatif/snapshotText.ts'
import type { Rider } from './outbox.ts'
import { tellSnapshots } from './tellSnapshots.ts'

/** A scheduler that plans when told to, and time that goes on by ticks of the teller. */
function stage() {
  const scheduler = { snapshot: aSnapshot({ nodes: [aNode('n1')] }), version: 1 }
  let due = () => {}
  const armed: (() => void)[] = []
  const timers: Timers = {
    after(_ms, run) {
      due = run
      for (const resolve of armed.splice(0)) resolve()
      return () => {}
    },
  }
  let nowMs = 0
  const teller = tellSnapshots({ scheduler, clock: { nowMs: () => nowMs }, log: pino({ level: 'silent' }), timers })
  onTestFinished(teller.stop)
  return {
    scheduler,
    teller,
    /** So many looks, half a second apart. */
    async pass(looks: number) {
      for (let i = 0; i < looks; i++) {
        const next = new Promise<void>((resolve) => armed.push(resolve))
        nowMs += 500
        due()
        await next
      }
    },
    started: new Promise<void>((resolve) => armed.push(resolve)),
    /** Acknowledges what is to be told. */
    deliver(): Rider | null {
      const rider = teller.newest()
      if (rider !== null) teller.acknowledged([{ ...rider, seq: 0 }])
      return rider
    },
  }
}

test('tells the snapshot once, and again when it has changed, two seconds later at the earliest', async () => {
  const { scheduler, started, pass, deliver } = stage()
  await started
  const first = deliver()
  assert.equal(first?.version, 1)
  assert.isNull(deliver())
  scheduler.snapshot.setPending(aJob('a', aPod({ gpus: 1 })))
  scheduler.version = 2
  await pass(3)
  assert.isNull(deliver())
  await pass(1)
  const second = deliver()
  const text = await promisify(gunzip)(Buffer.from(second?.body ?? '', 'base64'))
  assert.equal(readSnapshot(String(text))?.pendingJobs, 1)
  const pending = second?.queues[0]?.cells.find(({ resource, flavor }) => resource === 'GPU' && flavor === '*')?.pending
  assert.equal(pending, '1')
})

test('says twice a minute that nothing has changed, and at once when something has after that', async () => {
  const { scheduler, started, pass, deliver } = stage()
  await started
  deliver()
  await pass(59)
  assert.isNull(deliver())
  await pass(1)
  assert.deepInclude(deliver(), { version: 1, body: null, at: '1970-01-01T00:00:30.000Z' })
  scheduler.version = 2
  await pass(1)
  assert.deepInclude(deliver(), { version: 2, at: '1970-01-01T00:00:30.500Z' })
})

test('holds the newest alone while nobody listens, and tells all again to whoever has forgotten', async () => {
  const { scheduler, teller, started, pass, deliver } = stage()
  await started
  scheduler.version = 2
  await pass(4)
  scheduler.version = 3
  await pass(4)
  assert.equal(deliver()?.version, 3)
  teller.retell()
  assert.isNull(teller.newest())
  await pass(1)
  assert.isString(deliver()?.body)
})
