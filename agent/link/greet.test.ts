import { pino } from 'pino'
import { assert, describe, test } from 'vitest'
import { CLUSTER_ID, fakeControlPlane } from '../testkit/fakeControlPlane.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { greet } from './greet.ts'
import { type Link, LinkError } from './link.ts'

const batch = { clusterId: CLUSTER_ID, epoch: 1, number: 1, through: '2026-01-01T00:00:00.000Z', records: [] }
const never = AbortSignal.any([])

function greetThrough(link: Link, signal: AbortSignal = never) {
  const timers = promptTimers(60_000)
  const hello = { name: 'test', kubernetesVersion: 'v1.36.3' }
  const greeted = greet({ link, hello, log: pino({ level: 'silent' }), timers, random: () => 1, signal })
  return { greeted, timers }
}

async function greetPlane() {
  const plane = fakeControlPlane()
  const greeted = await greetThrough(plane.link).greeted
  assert(greeted)
  return { plane, ...greeted }
}

describe('a hello', () => {
  test('gives the id of the cluster', async () => {
    const { clusterId } = await greetPlane()
    assert.equal(clusterId, CLUSTER_ID)
  })

  test('is said until it is answered', async () => {
    const plane = fakeControlPlane()
    let failures = 3
    plane.greeting = async () => {
      if (failures-- > 0) throw new LinkError('no answer')
    }
    const { greeted, timers } = greetThrough(plane.link)
    assert.isNotNull(await greeted)
    assert.deepEqual(timers.delays, [200, 400, 800])
  })

  test('is given up where the agent is stopped', async () => {
    const plane = fakeControlPlane()
    const stopping = new AbortController()
    plane.greeting = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new LinkError('aborted'))))
    const { greeted } = greetThrough(plane.link, stopping.signal)
    stopping.abort()
    assert.isNull(await greeted)
  })
})

describe('a gateway that has started anew', () => {
  test('is said hello again, and the request is repeated', async () => {
    const { plane, link } = await greetPlane()
    plane.forgetHello()
    assert.deepEqual(await link.observe('jobs', batch, never), { outcome: 'applied', quarantined: 0 })
    assert.deepEqual(plane.calls, ['hello', 'observe jobs 1/1', 'hello', 'observe jobs 1/1'])
  })

  test('is said hello once for requests that were under way together', async () => {
    const { plane, link } = await greetPlane()
    plane.forgetHello()
    await Promise.all([link.observe('jobs', batch, never), link.observe('metering', batch, never)])
    assert.equal(plane.calls.filter((call) => call === 'hello').length, 2)
  })

  test('that knows the cluster by another id is not told what belongs to the first', async () => {
    const { plane, link } = await greetPlane()
    plane.forgetHello()
    plane.link.hello = async () => ({ clusterId: 'cluster_other' })
    const error = await link.observe('jobs', batch, never).catch((refusal) => refusal)
    assert.instanceOf(error, LinkError)
    assert.match(error.message, /by another id/)
    assert.deepEqual(plane.batches('jobs'), [])
  })

  test('any other refusal is the caller’s', async () => {
    const { plane, link } = await greetPlane()
    plane.observing = async () => {
      throw new LinkError('full', { status: 503, code: 'UNAVAILABLE' })
    }
    const error = await link.observe('jobs', batch, never).catch((refusal) => refusal)
    assert.equal(error.code, 'UNAVAILABLE')
    assert.equal(plane.calls.filter((call) => call === 'hello').length, 1)
  })
})
