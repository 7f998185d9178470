import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, onTestFinished, test } from 'vitest'
import { ClusterError, type ClusterErrorCode } from '../../kubernetes/cluster.ts'
import type { Directive, DirectivesRequest } from '../../platform/link/protocol.ts'
import type { Link } from '../link/link.ts'
import { LinkError } from '../link/link.ts'
import { CLUSTER_ID, fakeControlPlane } from '../testkit/fakeControlPlane.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { followDirectives } from './followDirectives.ts'

interface StageOptions {
  apply?: (directive: Directive) => Promise<void>
  link?: (link: Link) => Link
  begin?: Promise<void>
  promptMs?: number
}

/** Follows inventory's directives, each a queue whose weight tells one directive from the next. */
async function start({ apply = async () => {}, link = (same) => same, begin, promptMs = 60_000 }: StageOptions = {}) {
  const plane = fakeControlPlane()
  await plane.link.hello({ name: 'test', kubernetesVersion: 'v1' }, AbortSignal.any([]))
  const applied: string[] = []
  let progress = Promise.withResolvers<void>()
  const timers = promptTimers(promptMs)
  const follower = followDirectives({
    subgraph: 'inventory',
    clusterId: CLUSTER_ID,
    link: link(plane.link),
    async apply(directive) {
      await apply(directive)
      applied.push(`${directive.key} ${weightOf(directive)}`)
    },
    begin: begin ?? Promise.resolve(),
    log: pino({ level: 'silent' }),
    timers,
    random: () => 1,
    onProgress() {
      progress.resolve()
      progress = Promise.withResolvers()
    },
  })
  onTestFinished(() => follower.stop())
  return {
    plane,
    follower,
    applied,
    delays: timers.delays,
    put(name: string, weight: string) {
      const body = { name, parent: null, tenantId: null, quotas: [], weight }
      plane.put('inventory', { kind: 'Queue', key: name, body })
    },
    async until(holds: () => boolean) {
      while (!holds()) await progress.promise
    },
  }
}

function weightOf({ body }: Directive): string {
  return body !== null && 'weight' in body ? body.weight : 'gone'
}
function refusing(code: ClusterErrorCode, ...names: string[]) {
  return async ({ key }: Directive) => {
    if (names.includes(key)) throw new ClusterError(code, `no ${key}`)
  }
}

describe('directives', () => {
  test('are applied as they come, and the position says how far', async () => {
    const { plane, follower, applied, put, until } = await start()
    put('a', '1')
    await until(() => applied.length === 1)
    put('a', '2')
    put('b', '1')
    await until(() => applied.length === 3 && follower.pending === 0)
    assert.deepEqual(applied, ['a 1', 'a 2', 'b 1'])
    assert.equal(follower.position, plane.heads().inventory)
  })

  test('are read in pages, each asked for after the last', async () => {
    const asked: DirectivesRequest[] = []
    const { follower, put, until } = await start({
      link: (link) => ({
        ...link,
        directives(subgraph, request, signal) {
          asked.push(request)
          return link.directives(subgraph, { ...request, limit: 2 }, signal)
        },
      }),
    })
    for (const name of ['a', 'b', 'c']) put(name, '1')
    await until(() => follower.position === '1.3' && follower.pending === 0)
    assert.deepEqual(
      asked.map(({ after }) => after),
      [undefined, '1.2', '1.3'],
    )
  })

  test('are all taken again from a control plane that was restored, at whatever positions they stand there', async () => {
    const { plane, applied, put, until } = await start()
    put('a', '1')
    put('b', '1')
    put('b', '2')
    await until(() => applied.includes('b 2'))
    plane.replaceHistory()
    await until(() => applied.filter((each) => each === 'a 1').length === 2)
    put('c', '1')
    await until(() => applied.includes('c 1'))
  })

  test('are not asked for before their time', async () => {
    const begin = Promise.withResolvers<void>()
    const { plane, applied, put, until } = await start({ begin: begin.promise })
    put('a', '1')
    await immediate()
    assert.notInclude(plane.calls, 'directives inventory')
    begin.resolve()
    await until(() => applied.length === 1)
  })

  test('are asked for again where the control plane does not answer', async () => {
    let failures = 3
    const { applied, delays, put, until } = await start({
      link: (link) => ({
        ...link,
        async directives(...request) {
          if (failures-- > 0) throw new LinkError('no answer')
          return link.directives(...request)
        },
      }),
    })
    put('a', '1')
    await until(() => applied.length === 1)
    assert.deepEqual(delays, [200, 400, 800])
  })
})

describe('an object that cannot be brought to its state yet', () => {
  test('is tried again soon, and holds up nobody', async () => {
    let failures = 2
    const { follower, applied, delays, put, until } = await start({
      async apply({ key }) {
        if (key === 'late' && failures-- > 0) throw new ClusterError('NOT_FOUND', 'namespace not found')
      },
    })
    put('late', '1')
    put('other', '1')
    await until(() => follower.position === '1.2' && follower.pending === 0)
    assert.deepEqual(applied, ['other 1', 'late 1'])
    assert.deepEqual(delays, [50, 100])
  })

  test('counts as pending while the position goes on', async () => {
    const { follower, put, until } = await start({ apply: refusing('FORBIDDEN', 'stuck'), promptMs: 0 })
    put('stuck', '1')
    put('other', '1')
    await until(() => follower.pending === 1 && follower.position === '1.2')
  })

  test('takes its newest directive instead, at once', async () => {
    let isReady = false
    const { follower, applied, put, until } = await start({
      promptMs: 0,
      async apply({ key }) {
        if (!isReady) throw new ClusterError('UNAVAILABLE', `no ${key}`)
      },
    })
    put('a', 'old')
    await until(() => follower.position === '1.1')
    isReady = true
    put('a', 'new')
    await until(() => follower.pending === 0)
    assert.deepEqual(applied, ['a new'])
  })

  test('whose directive changes while it is being applied gets both, the newest last', async () => {
    const first = Promise.withResolvers<void>()
    const { follower, applied, put, until } = await start({
      apply: (directive) => (weightOf(directive) === '1' ? first.promise : Promise.resolve()),
    })
    put('a', '1')
    await until(() => follower.position === '1.1')
    put('a', '2')
    await until(() => follower.position === '1.2')
    first.resolve()
    await until(() => follower.pending === 0)
    assert.deepEqual(applied, ['a 1', 'a 2'])
  })
})

describe('an object that the API server will never accept', () => {
  const refusals: Record<string, () => Error> = {
    'because it is invalid': () => new ClusterError('INVALID', 'spec: too strange'),
    'because it cannot be read': () => new ClusterError('BAD_REQUEST', 'no'),
    'because it cannot even be made': () => new TypeError('body.quotas is not iterable'),
  }
  for (const [name, refusal] of Object.entries(refusals)) {
    test(`is given up ${name}, until a newer directive comes`, async () => {
      const { follower, applied, delays, put, until } = await start({
        async apply(directive) {
          if (weightOf(directive) === 'bad') throw refusal()
        },
      })
      put('a', 'bad')
      await until(() => follower.position === '1.1' && follower.pending === 0)
      assert.deepEqual(delays, [])
      put('a', 'good')
      await until(() => applied.length === 1)
      assert.deepEqual(applied, ['a good'])
    })
  }
})

describe('stopping', () => {
  test('ends a request that is being held', async () => {
    const { plane, follower } = await start()
    await plane.until(() => plane.calls.includes('directives inventory'))
    await follower.stop()
  })

  test('before it was time to begin asks for nothing', async () => {
    const { plane, follower } = await start({ begin: new Promise(() => {}) })
    await follower.stop()
    assert.notInclude(plane.calls, 'directives inventory')
  })

  test('waits for what is being applied, since a late write would undo a newer one', async () => {
    const write = Promise.withResolvers<void>()
    const { follower, applied, put, until } = await start({ apply: () => write.promise })
    put('a', '1')
    await until(() => follower.pending === 1)
    let hasStopped = false
    const stopped = follower.stop().then(() => {
      hasStopped = true
    })
    await immediate()
    assert.isFalse(hasStopped)
    write.resolve()
    await stopped
    assert.deepEqual(applied, ['a 1'])
  })
})
